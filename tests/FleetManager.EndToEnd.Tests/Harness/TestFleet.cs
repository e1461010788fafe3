using FleetManager.Contracts.Sync;
using Microsoft.Playwright;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>A server, an agent enrolled by the real command, and a key for the API.</summary>
internal sealed class TestFleet : IAsyncDisposable
{
    public const string DeviceName = "line-1-camera";

    public TestFleet()
    {
        Server = new ServerProcess(Directory);
        Agent = new AgentProcess(Directory);
    }

    public TempDirectory Directory { get; } = new();

    public ServerProcess Server { get; }

    public AgentProcess Agent { get; }

    public FleetApi Api { get; private set; } = null!;

    public async Task StartAsync(CancellationToken cancellation)
    {
        await Server.StartAsync(cancellation);
        Api = await Server.NewApiAsync(cancellation);
        await Agent.EnrollAsync(Server.Address, await Server.NewEnrollmentTokenAsync(cancellation), DeviceName, cancellation);
        await Agent.StartAsync(cancellation);
    }

    /// <summary>What a user does in the console to have this device's events backed up.</summary>
    public async Task EnableBackupAsync(IPage page, string useCase, CancellationToken cancellation)
    {
        var console = new FleetConsole(page, Server.Address);
        await console.MakeFirstAdminAsync(await Server.FirstAdminLinkAsync(cancellation));
        await console.OpenDeviceAsync(DeviceName);
        await console.EnableBackupAsync(useCase);
        await page.Context.CloseAsync();
    }

    /// <summary>Waits until the agent has nothing left to send, and gives its last report.</summary>
    public async Task<SyncReport> DrainedAsync(TimeSpan patience, CancellationToken cancellation)
    {
        SyncReport? last = null;
        return await Poll.ForAsync(
            async () =>
            {
                last = await Agent.ReportAsync(cancellation);
                return last.PendingRecords == 0 && last.AckedThrough == last.LastSeq ? last : null;
            },
            () => $"the backlog to drain; the agent says {last}{Agent.Output}{Server.Output}",
            cancellation,
            patience);
    }

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        await Agent.DisposeAsync();
        await Server.DisposeAsync();
        Directory.Dispose();
    }
}
