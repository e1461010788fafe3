using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Sync;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Tests.LocalApi;

public sealed class StatsTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Stats_AreTheReferencesBlock()
    {
        _fixture.Stored.Limits = _fixture.Stored.Limits with { MaxRecords = 10, MaxBytes = 10_000 };
        _fixture.Api.Phase = () => SyncPhase.WindowClosed;
        for (var i = 0; i < 4; i++)
        {
            await _fixture.CreateAsync();
        }

        await _fixture.CreateAsync(""" "draft":true """);
        await _fixture.Stored.HoldAsync(1);
        await _fixture.Stored.ParkAsync("nope", 2);
        _fixture.Stored.Time.Advance(TimeSpan.FromSeconds(90));

        var (status, stats) = await _fixture.GetAsync("/v2/stats");

        Assert.Equal(200, status);
        Assert.Equal((4, 10, 40), (stats.GetProperty("records").GetInt32(), stats.GetProperty("records_limit").GetInt32(), stats.GetProperty("records_percent").GetDouble()));
        var backup = stats.GetProperty("backup");
        Assert.Equal((true, "windowClosed"), (backup.GetProperty("enabled").GetBoolean(), backup.GetProperty("phase").GetString()));
        Assert.Equal((1, 2, 1, 0), (Number(backup, "backed_up_records"), Number(backup, "pending_records"), Number(backup, "parked_records"), Number(backup, "declared_lost_records")));
        Assert.Equal((1, 90), (Number(stats.GetProperty("drafts"), "draft_records"), Number(stats.GetProperty("drafts"), "oldest_draft_age_seconds")));
        Assert.InRange(stats.GetProperty("disk").GetProperty("disk_percent_used").GetDouble(), 0, 100);
        Assert.Equal(3, Number(stats, "unuploaded_records"));
        Assert.False(stats.GetProperty("capacity_blocked").GetBoolean());
        Assert.Equal("2026-01-02T03:05:35+00:00", stats.GetProperty("reported_at").GetString());
        Assert.Equal(JsonValueKind.Null, stats.GetProperty("received_at").ValueKind);
    }

    [Fact]
    public async Task Unknown_IsNullAndNotFalse()
    {
        var (_, stats) = await _fixture.GetAsync("/v2/stats");

        Assert.Equal(JsonValueKind.Null, stats.GetProperty("capacity_blocked").ValueKind);
        Assert.Equal(JsonValueKind.Null, stats.GetProperty("last_cleanup").ValueKind);
        Assert.Equal(JsonValueKind.Null, stats.GetProperty("backup").GetProperty("phase").ValueKind);
        Assert.Equal(JsonValueKind.Null, stats.GetProperty("drafts").GetProperty("oldest_draft_age_seconds").ValueKind);
    }

    [Fact]
    public async Task CleanUp_SaysWhatItDid()
    {
        await _fixture.Stored.AcceptAsync(3);
        await _fixture.Stored.HoldAsync(1, 2);
        _fixture.Stored.Time.Advance(TimeSpan.FromDays(8));

        var (status, report) = await _fixture.PostAsync("", "/v2/cleanup");

        Assert.Equal((200, 2, 0), (status, Number(report, "deleted_records"), Number(report, "declared_lost_records")));
        Assert.True(Number(report, "freed_bytes") > 0);
        Assert.Equal(report.GetRawText(), (await _fixture.GetAsync("/v2/stats")).Body.GetProperty("last_cleanup").GetRawText());
    }

    [Fact]
    public async Task CleanUp_WithoutBackup_CountsTheLosses()
    {
        _fixture.Stored.Backup = _fixture.Stored.Backup with { Enabled = false };
        await _fixture.Stored.AcceptAsync(3);
        _fixture.Stored.Time.Advance(TimeSpan.FromDays(8));

        var (_, report) = await _fixture.PostAsync("", "/v2/cleanup");

        Assert.Equal((3, 3), (Number(report, "deleted_records"), Number(report, "declared_lost_records")));
    }

    [Fact]
    public async Task BackUpNow_WakesTheBackup()
    {
        var woken = 0;
        _fixture.Api.BackUpNow = () => woken++;
        await _fixture.Stored.AcceptAsync(2);

        var (status, body) = await _fixture.PostAsync("", "/v2/backup");
        Assert.Equal((202, 2, 1), (status, Number(body, "pending_records"), woken));

        _fixture.Stored.Backup = _fixture.Stored.Backup with { Enabled = false };
        Assert.Equal(409, (await _fixture.PostAsync("", "/v2/backup")).Status);
        Assert.Equal(1, woken);
    }

    [Fact]
    public async Task History_HasAMinuteOfTheDayAndTenMinutesOfTheFortnight()
    {
        var start = DateTimeOffset.Parse("2026-01-02T03:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        for (var minute = 0; minute < 15 * 24 * 60; minute += 5)
        {
            _fixture.Stored.Store.Usage.Add(UsageSample.Of(_fixture.Stored.Store, start.AddMinutes(minute)));
        }

        _fixture.Stored.Time.SetUtcNow(start.AddDays(15));
        Assert.Equal(12, await CountAsync("1h"), 1.0);
        Assert.Equal(24 * 12, await CountAsync("24h"), 1.0);
        Assert.Equal((24 * 12) + (6 * 24 * 6), await CountAsync("7d"), 2.0);
        Assert.Equal((24 * 12) + (13 * 24 * 6), await CountAsync("14d"), 2.0);
    }

    [Fact]
    public async Task History_HasTheReferencesSeries()
    {
        await _fixture.CreateAsync($$""" "images":[{"base64Image":"{{Pictures.Base64("p")}}"}] """);
        _fixture.Stored.Store.Usage.Add(UsageSample.Of(_fixture.Stored.Store, _fixture.Stored.Time.GetUtcNow()));

        var (_, history) = await _fixture.GetAsync("/v2/stats/history?window=1h");

        var sample = Assert.Single(history.GetProperty("samples").EnumerateArray());
        Assert.Equal((1, 1, 1), (Number(sample, "records"), Number(sample, "images"), Number(sample, "pending_records")));
        Assert.All(
            ["records_percent", "bytes_used", "bytes_percent", "backed_up_records", "backed_up_bytes_percent", "pending_bytes", "draft_records", "oldest_draft_age_seconds", "disk_percent_used"],
            name => Assert.True(sample.TryGetProperty(name, out _), name));
        Assert.Equal(history.GetProperty("covered_from").GetString(), history.GetProperty("covered_to").GetString());
        Assert.False(history.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task History_WithAClockThatWasAhead_StaysBoundedAndRecovers()
    {
        var now = _fixture.Stored.Time.GetUtcNow();
        var usage = _fixture.Stored.Store.Usage;
        var sample = UsageSample.Of(_fixture.Stored.Store, now);
        for (var i = 0; i < UsageHistory.MostSamples; i++)
        {
            usage.Add(sample with { At = now.AddYears(1).AddSeconds(i) });
        }

        usage.Add(sample);

        Assert.Single(usage.Read(now.AddHours(-1), now));
        Assert.Equal(UsageHistory.MostSamples, usage.Read(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Count);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task History_Damaged_IsBegunAnew()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "usage.db");
        await File.WriteAllBytesAsync(path, [.. Enumerable.Repeat((byte)7, 10_000)], TestContext.Current.CancellationToken);
        using var usage = new UsageHistory(path, NullLogger.Instance);
        var sample = UsageSample.Of(_fixture.Stored.Store, _fixture.Stored.Time.GetUtcNow());

        usage.Add(sample);
        usage.Add(sample);

        Assert.Equal([sample], usage.Read(sample.At, sample.At));
    }

    [Fact]
    public async Task Worker_TakesASampleEachMinute()
    {
        using var stop = new CancellationTokenSource();
        var worker = new UsageWorker(_fixture.Stored.Store, _fixture.Stored.Time).RunAsync(stop.Token);
        await Eventually.TrueAsync(() => Samples() == 1, "the first sample");

        await Eventually.TrueAsync(
            () =>
            {
                _fixture.Stored.Time.Advance(TimeSpan.FromMinutes(1));
                return Samples() >= 3;
            },
            "more samples");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => worker);

        int Samples() => _fixture.Stored.Store.Usage.Read(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Count;
    }

    private static long Number(JsonElement element, string name) => (long)element.GetProperty(name).GetDouble();

    private async Task<double> CountAsync(string window) => (await _fixture.GetAsync($"/v2/stats/history?window={window}")).Body.GetProperty("samples").GetArrayLength();
}
