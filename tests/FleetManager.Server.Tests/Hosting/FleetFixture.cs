using FleetManager.Data.Tests.Databases;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>One server per database for all tests of a class, started by the first that asks. Tests keep apart by use cases and devices of their own.</summary>
public sealed class FleetFixture : IAsyncDisposable
{
    private readonly Dictionary<DatabaseKind, Lazy<Task<FleetApplication>>> _started = Enum.GetValues<DatabaseKind>()
        .ToDictionary(kind => kind, kind => new Lazy<Task<FleetApplication>>(() => FleetApplication.StartAsync(kind)));

    internal Task<FleetApplication> OnAsync(DatabaseKind kind) => _started[kind].Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var started in _started.Values.Where(s => s.IsValueCreated && s.Value.IsCompletedSuccessfully))
        {
            await (await started.Value).DisposeAsync();
        }
    }
}
