using FleetManager.Contracts.Sync;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.FaultLab.Tests;

/// <summary>Real processes on a real volume that is too small.</summary>
public sealed class SmallDiskTests : IAsyncLifetime
{
    private const int Megabytes = 64;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly TestFleet _fleet = new();
    private SmallVolume? _volume;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        (_volume, var whyNot) = SmallVolume.TryMount(_fleet.Agent.DataDirectory, Megabytes);
        Assert.SkipWhen(_volume is null, whyNot ?? "");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        // Detached while the agent still has files on it, so that its folder can be deleted.
        _volume?.Dispose();
        await _fleet.DisposeAsync();
    }

    [Fact]
    public async Task Volume_FilledByPictures_RefusesThenDrainsAndTakesEventsAgain()
    {
        await _fleet.StartAsync(Cancellation);
        var useCase = await _fleet.Api.CreateUseCaseAsync("small", Cancellation);
        await _fleet.EnableBackupAsync("small", Cancellation, sections => sections["eventStore"]!["minFreeDiskBytes"] = 0);
        await _fleet.Server.StopAsync(Cancellation);

        IReadOnlyList<string> issued;
        await using (var camera = CameraProcess.Start(_fleet.Agent.Store, 100, _fleet.Directory.At("ids"), "--distinct", "--patience=120"))
        {
            await BlockedAsync();
            await _fleet.Agent.KillAsync();
            await _fleet.Agent.StartAsync(Cancellation);
            await BlockedAsync();
            await camera.StopAsync(Cancellation);
            issued = camera.AcceptedIds();
        }

        await _fleet.Server.StartAsync(Cancellation);
        var drained = await _fleet.DrainedAsync(s_patience, Cancellation);
        await PostAsync(5);
        var after = await _fleet.DrainedAsync(s_patience, Cancellation);

        var held = (await _fleet.Api.QueryAllAsync(useCase, Cancellation)).Select(e => (string)e["eventId"]!).ToList();
        Assert.NotEmpty(issued);
        Assert.Empty(issued.Except(held));
        Assert.Equal(held.Count, held.Distinct().Count());
        Assert.Equal((0, 0), (after.DeclaredLostRecords, after.ParkedRecords));
        Assert.Equal(drained.LastSeq + 5, after.LastSeq);
    }

    private Task BlockedAsync()
    {
        SyncReport? last = null;
        return Poll.UntilAsync(
            async () => (last = await _fleet.Agent.ReportAsync(Cancellation)).CapacityBlocked == true,
            () => $"the store to be full; the agent says {last}{_fleet.Agent.Output}",
            Cancellation,
            s_patience);
    }

    private async Task PostAsync(int count)
    {
        await using var camera = CameraProcess.Start(_fleet.Agent.Store, 10, _fleet.Directory.At("more"), "--distinct", $"--count={count}");
        Assert.Equal(count, (await camera.CompleteAsync(Cancellation)).Posted);
    }
}
