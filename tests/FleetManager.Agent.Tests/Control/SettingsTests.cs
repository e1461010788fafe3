using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Control;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DataDirectory _directory;
    private readonly List<ReportedSettings> _decisions = [];
    private SettingsService _settings = null!;

    public SettingsTests()
    {
        _directory = DataDirectory.Take(_folder.Path);
        Restart();
    }

    public void Dispose()
    {
        _directory.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Document_Good_IsAppliedAndSurvivesARestart()
    {
        await ApplyAsync(Documents.Of(17, """{"visionEventsBackup":{"enabled":true,"batchSize":7},"logging":{"level":"debug"}}"""));

        Assert.Equal(SettingsState.Applied, _decisions.Single().State);
        Restart();
        Assert.Equal((true, 7, 2), (_settings.Current.VisionEventsBackup.Enabled, _settings.Current.VisionEventsBackup.BatchSize, _settings.Current.VisionEventsBackup.Concurrency));
        Assert.Equal(AgentLogLevel.Debug, _settings.Current.Logging.Level);
        Assert.Equal(17, _settings.Revision);
    }

    [Fact]
    public async Task Section_Bad_KeepsItsLastGoodValueAndTheRestIsApplied()
    {
        await ApplyAsync(Documents.Of(1, """{"visionEventsBackup":{"enabled":true,"batchSize":7}}"""));

        await ApplyAsync(Documents.Of(2, """{"visionEventsBackup":{"enabled":false,"batchSize":101},"telemetry":{"intervalSeconds":5}}"""));

        var report = _decisions[^1];
        Assert.Equal((2, SettingsState.PartlyApplied), (report.Revision, report.State));
        Assert.Equal(
            new SectionReport(SettingsState.Rejected, "range", "batchSize", "batchSize must be a whole number from 1 to 100", 1),
            report.Sections["visionEventsBackup"]);
        Assert.Equal((true, 7, 5), (_settings.Current.VisionEventsBackup.Enabled, _settings.Current.VisionEventsBackup.BatchSize, _settings.Current.Telemetry.IntervalSeconds));
        Restart();
        Assert.Equal((true, 5), (_settings.Current.VisionEventsBackup.Enabled, _settings.Current.Telemetry.IntervalSeconds));
    }

    [Fact]
    public async Task Section_ThatCanNotBePutIntoForce_IsRejectedWithTheReason()
    {
        _settings.ApplyEventStore = (_, _) => Task.FromResult<SettingFault?>(new SettingFault("apply", "port", "in use"));

        await ApplyAsync(Documents.Of(1, """{"eventStore":{"port":9000}}"""));

        Assert.Equal(new SectionReport(SettingsState.Rejected, "apply", "port", "in use", 0), _decisions[^1].Sections["eventStore"]);
        Assert.Equal(8001, _settings.Current.EventStore.Port);

        // The same document again, now that the port is free.
        _settings.ApplyEventStore = (_, _) => Task.FromResult<SettingFault?>(null);
        await ApplyAsync(Documents.Of(1, """{"eventStore":{"port":9000}}"""));
        Assert.Equal((SettingsState.Applied, 9000), (_decisions[^1].State, _settings.Current.EventStore.Port));
    }

    [Fact]
    public async Task Hash_Wrong_KeepsEverything()
    {
        await ApplyAsync(Documents.Of(1, """{"telemetry":{"intervalSeconds":5}}"""));

        await ApplyAsync(Documents.Of(2, """{"telemetry":{"intervalSeconds":9}}""") with { Hash = "sha256:00" });

        Assert.Equal((2, SettingsState.Rejected, "hash"), (_decisions[^1].Revision, _decisions[^1].State, _decisions[^1].Fault!.Code));
        Assert.Equal((5, 1), (_settings.Current.Telemetry.IntervalSeconds, _settings.Revision));
    }

    [Fact]
    public async Task Revision_ComingAgain_IsReportedAgainAndAppliedOnce()
    {
        var changes = 0;
        _settings.Changed += (_, _) => changes++;
        var document = Documents.Of(4, """{"telemetry":{"intervalSeconds":5}}""");

        await ApplyAsync(document);
        await ApplyAsync(document);

        Assert.Equal((1, 2), (changes, _decisions.Count));
        Assert.Equal(_decisions[0], _decisions[1]);
    }

    [Fact]
    public async Task Revision_ComingAgainWithOtherContent_IsRefused()
    {
        await ApplyAsync(Documents.Of(4, """{"telemetry":{"intervalSeconds":5}}"""));

        await ApplyAsync(Documents.Of(4, """{"telemetry":{"intervalSeconds":6}}"""));

        Assert.Equal(("hash", 5), (_decisions[^1].Fault!.Code, _settings.Current.Telemetry.IntervalSeconds));
    }

    [Fact]
    public async Task Revision_Older_ChangesNothingAndIsAnsweredWithTheOneInForce()
    {
        await ApplyAsync(Documents.Of(4, """{"telemetry":{"intervalSeconds":5}}"""));

        await ApplyAsync(Documents.Of(3, """{"telemetry":{"intervalSeconds":6}}"""));

        Assert.Equal((4, 5), (_decisions[1].Revision, _settings.Current.Telemetry.IntervalSeconds));
    }

    [Fact]
    public async Task Disk_ThatTakesNoSettings_KeepsTheOldOnesInForceUntilItDoes()
    {
        await ApplyAsync(Documents.Of(1, """{"eventStore":{"port":8101}}"""));
        var inTheWay = Directory.CreateDirectory(Path.Combine(_folder.Path, "settings.0.json.new"));
        var ports = new List<int>();
        _settings.ApplyEventStore = (wanted, _) =>
        {
            ports.Add(wanted.Port);
            return Task.FromResult<SettingFault?>(null);
        };
        using var stop = new CancellationTokenSource();
        var time = new FakeTimeProvider();
        var running = _settings.RunAsync(time, stop.Token);

        _settings.Offer(Documents.Of(2, """{"eventStore":{"port":8102}}"""));
        await Eventually.TrueAsync(() => _decisions.Count == 2, "refused");
        Assert.Equal((2, "apply"), (_decisions[1].Revision, _decisions[1].Fault?.Code));
        Assert.Equal([8102, 8101], ports);
        Assert.Equal((1, 8101), (_settings.Revision, _settings.Current.EventStore.Port));

        inTheWay.Delete();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return _settings.Revision == 2;
            },
            "kept");
        Assert.Equal((SettingsState.Applied, 8102), (_decisions[^1].State, _settings.Current.EventStore.Port));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Keys_Unknown_AreListedAndChangeNothing()
    {
        await ApplyAsync(Documents.Of(1, """{"visionEventsBackup":{"enabled":true,"newKnob":1},"newSection":{}}"""));

        Assert.Equal(SettingsState.Applied, _decisions[^1].State);
        Assert.Equal(["visionEventsBackup.newKnob", "newSection"], _decisions[^1].Ignored);
    }

    [Fact]
    public async Task Keys_PinnedOnTheDevice_AreListed()
    {
        _settings.Pinned = wanted => wanted.EventStore.Port == 9000 ? ["eventStore.port"] : [];

        await ApplyAsync(Documents.Of(1, """{"eventStore":{"port":9000}}"""));

        Assert.Equal(["eventStore.port"], _decisions[^1].Ignored);
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("flipped")]
    [InlineData("gone")]
    public async Task Slot_DamagedByAPowerCut_LeavesTheOneBefore(string damage)
    {
        await ApplyAsync(Documents.Of(1, """{"telemetry":{"intervalSeconds":5}}"""));
        await ApplyAsync(Documents.Of(2, """{"telemetry":{"intervalSeconds":6}}"""));
        var newest = Directory.EnumerateFiles(_folder.Path, "settings.*.json").Single(p => File.ReadAllText(p).Contains("\"generation\": 2", StringComparison.Ordinal));
        var content = await File.ReadAllBytesAsync(newest, TestContext.Current.CancellationToken);
        switch (damage)
        {
            case "torn":
                await File.WriteAllBytesAsync(newest, content[..(content.Length / 2)], TestContext.Current.CancellationToken);
                break;
            case "flipped":
                content[^10] ^= 1;
                await File.WriteAllBytesAsync(newest, content, TestContext.Current.CancellationToken);
                break;
            default:
                File.Delete(newest);
                break;
        }

        Restart();

        Assert.Equal((1, 5), (_settings.Revision, _settings.Current.Telemetry.IntervalSeconds));
        await ApplyAsync(Documents.Of(3, """{"telemetry":{"intervalSeconds":7}}"""));
        Restart();
        Assert.Equal(3, _settings.Revision);
    }

    [Fact]
    public void Boot_CountsUpAndNeverStartsOver()
    {
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => BootCounter.Next(_directory, TimeProvider.System)));

        // No room for a new file beside the old one.
        var inTheWay = Directory.CreateDirectory(_directory.PathOf("boot.new"));
        Assert.Equal(4, BootCounter.Next(_directory, TimeProvider.System));
        inTheWay.Delete();

        File.WriteAllText(_directory.PathOf("boot"), "not a number");

        Assert.True(BootCounter.Next(_directory, TimeProvider.System) > 1_000_000);
    }

    private Task ApplyAsync(DesiredSettings desired) => _settings.ApplyAsync(desired, TestContext.Current.CancellationToken);

    private void Restart()
    {
        _settings = new SettingsService(new SettingsSlots(_directory), NullLogger.Instance);
        _settings.Decided += _decisions.Add;
    }
}
