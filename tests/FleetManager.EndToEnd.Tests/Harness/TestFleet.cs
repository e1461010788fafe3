using System.Text.Json.Nodes;
using FleetManager.Contracts.Sync;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>A server, an agent enrolled by the real command, and a key for the API.</summary>
internal sealed class TestFleet : IAsyncDisposable
{
    public const string DeviceName = "line-1-camera";

    public TestFleet(params string[] serverOptions)
    {
        Server = new ServerProcess(Directory, serverOptions);
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

    /// <summary>Has this device's events backed up to a use case, and waits until the device says that it does.</summary>
    /// <param name="useCase">The default use case of the device's events.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="more">Changes other sections along with it.</param>
    public async Task EnableBackupAsync(string useCase, CancellationToken cancellation, Action<JsonNode>? more = null)
    {
        var device = await Api.DeviceIdAsync(DeviceName, cancellation);
        var sections = (await Api.SettingsAsync(device, cancellation))["sections"]!.DeepClone();
        sections["visionEventsBackup"]!["enabled"] = true;
        sections["visionEventsBackup"]!["defaultUseCaseId"] = useCase;
        more?.Invoke(sections);
        var (status, body) = await Api.SaveSettingsAsync(device, basedOn: 0, sections, cancellation);
        Assert.True(status == 200, $"{status} {body}");

        string? progress = null;
        await Poll.UntilAsync(
            async () => (progress = (string?)(await Api.SettingsAsync(device, cancellation))["progress"]) == "applied",
            () => $"the settings to be applied; they are {progress}.{Agent.Output}",
            cancellation);
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
