using System.Collections.Concurrent;
using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;

namespace FleetManager.Benchmarks.Load;

/// <summary>Callers that post batches of 100.</summary>
internal sealed class BatchLoad
{
    private const int Batches = 256;
    private const int Seed = 42;
    private readonly Site _site;
    private readonly ConcurrentBag<EventBatch> _batches;

    public BatchLoad(Site site, string path = Wire.Batch)
    {
        _site = site;
        var random = new Random(Seed);
        _batches = [.. Enumerable.Range(0, Batches).Select(_ => EventBatch.Create(length => Wire.Head(site.Server, "POST", path, length), random, site.Images))];
    }

    /// <summary>Posts each of the different batches once.</summary>
    public async Task SendAllAsync(CancellationToken cancellationToken)
    {
        using var caller = await HttpCaller.ConnectAsync(_site.Server.Port, cancellationToken);
        foreach (var batch in _batches)
        {
            batch.Renew(TimeProvider.System.GetUtcNow());
            await caller.SendAsync(batch.Request, 201, cancellationToken);
        }
    }

    /// <summary>Posts one batch of now.</summary>
    public async Task SendOneAsync(CancellationToken cancellationToken)
    {
        using var caller = await HttpCaller.ConnectAsync(_site.Server.Port, cancellationToken);
        await SendAsync(TimeProvider.System.GetUtcNow(), request => caller.SendAsync(request, 201, cancellationToken));
    }

    /// <param name="callers">How many at once.</param>
    /// <param name="window">How long they start new requests.</param>
    /// <param name="age">How old the events are.</param>
    /// <param name="sentTwice">One request in so many is sent again after its answer, as after an answer that was lost; 0 for none.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<Sample> RunAsync(int callers, TimeSpan window, TimeSpan age = default, int sentTwice = 0, CancellationToken cancellationToken = default)
    {
        var meter = Meter.Start(window, _site.Server, _site.Postgres);
        await RunAsync(callers, meter, age, sentTwice, cancellationToken);
        return meter.Stop();
    }

    public Task RunAsync(int callers, Meter meter, TimeSpan age, int sentTwice, CancellationToken cancellationToken) => Callers.RunAsync(
        _site.Server.Port,
        callers,
        meter,
        (caller, sent) => SendAsync(TimeProvider.System.GetUtcNow() - age, async request =>
        {
            var times = sentTwice > 0 && sent % sentTwice == sentTwice - 1 ? 2 : 1;
            for (var i = 0; i < times; i++)
            {
                await meter.TimeAsync(EventBatch.Events, () => caller.SendAsync(request, 201, cancellationToken));
            }
        }),
        cancellationToken);

    private async Task SendAsync(DateTimeOffset at, Func<ReadOnlyMemory<byte>, Task> send)
    {
        var batch = _batches.TryTake(out var taken) ? taken : throw new InvalidOperationException($"More than {Batches} callers.");
        batch.Renew(at);
        await send(batch.Request);
        _batches.Add(batch);
    }
}
