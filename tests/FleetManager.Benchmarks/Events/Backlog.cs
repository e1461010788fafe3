extern alias agent;

using System.Text.Json;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using agent::FleetManager.Agent.EventStore;
using agent::FleetManager.Agent.LocalApi;

namespace FleetManager.Benchmarks.Events;

/// <summary>Fills the event store of an agent that does not run, by the agent's own code.</summary>
internal static class Backlog
{
    private const int Different = 256;
    private const int AtOnce = 1024;

    public static async Task FillAsync(string dataDirectory, int events, CancellationToken cancellationToken)
    {
        var policy = new StorePolicy(new EventStoreSettings { MaxRecords = long.MaxValue / 2, MaxBytes = long.MaxValue / 2, MinFreeDiskBytes = 1 << 28, RetentionDays = 0 }, new BackupSettings { Enabled = true });
        await using var store = DeviceStore.Open(Path.Combine(dataDirectory, "store"), () => policy, NullLogger.Instance, TimeProvider.System);
        var random = new Random(1);
        var models = Enumerable.Range(0, Different).Select(_ => Parse(LocalEvents.Create(random, image: null))).ToArray();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var number && number <= events)
                {
                    var model = models[number % Different];
                    var arrival = model with { Event = model.Event with { Id = EventIds.Next(TimeProvider.System.GetUtcNow()).ToString() } };
                    if (await store.AcceptAsync(arrival, cancellationToken) != AcceptResult.Accepted)
                    {
                        throw new InvalidOperationException($"The store of {dataDirectory} has no room for {events} events.");
                    }
                }
            },
            cancellationToken)));
    }

    private static NewEvent Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return EventParser.Parse(document.RootElement, "none", out var parsed) is { } fault ? throw new InvalidOperationException(fault.Detail) : parsed!;
    }
}
