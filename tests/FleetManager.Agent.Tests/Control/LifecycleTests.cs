using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Control;

/// <summary>What happens to a device is written down, and reaches the server also when it happened offline.</summary>
public sealed class LifecycleTests : IDisposable
{
    private static readonly TimeSpan s_days = TimeSpan.FromDays(30);
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero));
    private long _boot;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Start_AfterAStop_IsNoCrash()
    {
        var (ring, lifecycle) = Restart();
        lifecycle.Started("1.2.3", s_days);
        lifecycle.Stopped();
        Restart().Lifecycle.Started("1.2.3", s_days);

        Assert.Equal(["agent_started", "agent_stopped", "agent_started"], Said(ring));
    }

    [Theory]
    [InlineData(30, "while the host went on")]
    [InlineData(0, "may have lost its power")]
    public void Start_WithoutAStopBefore_SaysThatItCrashedAndWhetherTheHostDidToo(int hostUptimeDays, string words)
    {
        Restart().Lifecycle.Started("1.2.3", s_days);
        _time.Advance(TimeSpan.FromDays(2));
        var (ring, lifecycle) = Restart();

        lifecycle.Started("1.2.3", TimeSpan.FromDays(hostUptimeDays));

        Assert.Equal(["agent_started", "agent_crashed", "agent_started"], Said(ring));
        Assert.Contains(words, ring.Last(e => e.Event == "agent_crashed")!.Description, StringComparison.Ordinal);
        Assert.Contains("start number 2", ring.Last(_ => true)!.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Capacity_AndSettings_AreNewsOnlyWhenTheyChange_AlsoAcrossARestart()
    {
        var (_, lifecycle) = Restart();
        lifecycle.Capacity(blocked: false);
        lifecycle.Capacity(blocked: true);
        lifecycle.Capacity(blocked: true);
        lifecycle.Decided(Report(3, SettingsState.Applied));
        lifecycle.Decided(Report(3, SettingsState.Applied));
        var (ring, again) = Restart();
        again.Decided(Report(3, SettingsState.Applied));
        again.Capacity(blocked: true);
        again.Capacity(blocked: false);
        again.Decided(Report(4, SettingsState.PartlyApplied));
        again.Decided(Report(5, SettingsState.Rejected) with { Fault = new SettingFault("hash", "", "the hash is not that of the sections") });

        Assert.Equal(["capacity_blocked", "settings_applied", "capacity_cleared", "settings_partly_applied", "settings_rejected"], Said(ring));
        Assert.Contains("telemetry (too often)", ring.Last(e => e.Event == "settings_partly_applied")!.Description, StringComparison.Ordinal);
        Assert.Contains("the hash", ring.Last(_ => true)!.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_AwayAndBack_HearsOfAllInOrderAndByStart()
    {
        await using var server = await FakeServer.StartAsync(Token);
        var (taken, status) = (new List<DeviceEventBatch>(), StatusCodes.Status503ServiceUnavailable);
        server.Before = async context =>
        {
            Assert.Equal("/agent/v1/device-events", context.Request.Path);
            if (status != StatusCodes.Status204NoContent)
            {
                await FakeServer.ErrorAsync(context, status, "not now");
                return true;
            }

            taken.Add((await context.Request.ReadFromJsonAsync(ContractsJson.Default.DeviceEventBatch))!);
            context.Response.StatusCode = status;
            return true;
        };
        var first = Restart().Lifecycle;
        first.Started("1.2.3", s_days);
        first.Capacity(blocked: true);
        var (ring, lifecycle) = Restart();
        lifecycle.Started("1.2.3", s_days);
        using var http = new ServerHttp(server.Address, "fd_key", _time);
        using var stop = new CancellationTokenSource();
        var running = new LifecycleWorker(ring, lifecycle, new AgentRoutes(http), _time, NullLogger.Instance).RunAsync(stop.Token);
        await Eventually.TrueAsync(() => !server.Requests.IsEmpty, "tried");

        lifecycle.Capacity(blocked: false);
        status = StatusCodes.Status204NoContent;
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(0.5));
                return taken.Sum(b => b.Events.Count) == 5;
            },
            "told");

        Assert.Equal([1L, 2L], taken.Select(b => b.Boot));
        Assert.Equal(
            ["agent_started", "capacity_blocked", "agent_crashed", "agent_started", "capacity_cleared"],
            taken.SelectMany(b => b.Events).Select(e => e.Event));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private (LineRing<DeviceHappening> Ring, Lifecycle Lifecycle) Restart()
    {
        var boot = ++_boot;
        var ring = new LineRing<DeviceHappening>(_folder.Path, boot, RingSize.Lifecycle, ContractsJson.Default.DeviceHappening);
        return (ring, new Lifecycle(ring, boot, _time));
    }

    private static ReportedSettings Report(long revision, SettingsState state) =>
        new(revision, "h", state, new Dictionary<string, SectionReport> { ["telemetry"] = new(state == SettingsState.Applied ? state : SettingsState.Rejected, "range", "intervalSeconds", "too often") }, []);

    private List<string> Said(LineRing<DeviceHappening> _)
    {
        var ring = Restart().Ring;
        var said = new List<string>();
        while (ring.Peek(500, int.MaxValue) is { } batch)
        {
            said.AddRange(batch.Lines.Select(l => l.Event));
            ring.MarkSent(batch);
        }

        return said;
    }
}
