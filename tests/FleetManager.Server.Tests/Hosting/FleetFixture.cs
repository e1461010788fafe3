using FleetManager.Data.Tests.Databases;
using Microsoft.AspNetCore.Hosting;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>One server per database for all tests of a class, started by the first that asks. Tests keep apart by use cases and devices of their own.</summary>
public class FleetFixture : IAsyncDisposable
{
    private readonly Dictionary<DatabaseKind, Lazy<Task<FleetApplication>>> _started;

    public FleetFixture() => _started = Enum.GetValues<DatabaseKind>()
        .ToDictionary(kind => kind, kind => new Lazy<Task<FleetApplication>>(() => FleetApplication.StartAsync(kind, Configure)));

    internal Task<FleetApplication> OnAsync(DatabaseKind kind) => _started[kind].Value;

    protected virtual void Configure(IWebHostBuilder host)
    {
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var started in _started.Values.Where(s => s.IsValueCreated && s.Value.IsCompletedSuccessfully))
        {
            await (await started.Value).DisposeAsync();
        }
    }
}
