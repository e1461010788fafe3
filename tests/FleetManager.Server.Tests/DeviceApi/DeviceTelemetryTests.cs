using System.Net;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Messaging;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>How devices were: one row per slot of two minutes, shown in buckets.</summary>
public sealed class DeviceTelemetryTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Samples_OverTwoHours_AreMeansInBucketsOfEachPeriod(DatabaseKind kind)
    {
        var time = new FakeTimeProvider(s_start);
        await using var fleet = await FleetApplication.StartAsync(kind, web => web.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync("device:read");
        var recorder = fleet.Service<TelemetryRecorder>();

        // A sample a minute; 60 kB a minute go up and 120 kB come down; the host starts again after an hour.
        for (var minute = 0; minute < 120; minute++)
        {
            long since = minute < 60 ? minute : minute - 60;
            recorder.Hear(Ref(fleet, device), new TelemetrySample(minute % 2 == 0 ? 10 : 30, 25, 100, 500, 1000, since * 120_000, since * 60_000, null), time.GetUtcNow());
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await recorder.WriteAsync(time.GetUtcNow(), Cancellation);
        var hour = await DeviceFleets.GetAsync(client, $"{Telemetry(device)}?time_period=1h");
        Assert.Equal(("1h", "2 MINUTE", 120), ((string)hour["time_period"]!, (string)hour["bucket_interval"]!, (int)hour["fill_interval_seconds"]!));
        var buckets = hour["buckets"]!.AsArray();
        Assert.Equal(30, buckets.Count);
        var one = buckets[20]!;
        Assert.Equal(
            (2, 20d, 25d, 50d, 1000d, 2000d),
            ((int)one["samples"]!, (double)one["cpu_percent"]!, (double)one["memory_percent"]!, (double)one["disk_percent"]!, (double)one["network_up_bytes_per_second"]!, (double)one["network_down_bytes_per_second"]!));
        Assert.Null(one["gpu_percent"]);
        Assert.Null(one["temperature_celsius"]);

        // The running bucket has nothing yet, which is not zero.
        Assert.Equal((s_start.AddHours(2), 0), (buckets[^1]!["timestamp"]!.GetValue<DateTimeOffset>(), (int)buckets[^1]!["samples"]!));
        Assert.Null(buckets[^1]!["cpu_percent"]);

        foreach (var (period, count, step, seconds) in new[] { ("24h", 48, "30 MINUTE", 1800), ("7d", 42, "4 HOUR", 14_400), ("14d", 42, "8 HOUR", 28_800) })
        {
            var chart = await DeviceFleets.GetAsync(client, $"{Telemetry(device)}?time_period={period}");
            Assert.Equal((count, step, seconds, 120), (chart["buckets"]!.AsArray().Count, (string)chart["bucket_interval"]!, (int)chart["fill_interval_seconds"]!, (int)chart["metadata"]!["samples"]!));

            // The restart of the host is no traffic: the counters' step back tells nothing.
            Assert.All(chart["buckets"]!.AsArray(), b => Assert.True(b!["network_up_bytes_per_second"] is null || Math.Abs((double)b["network_up_bytes_per_second"]! - 1000) < 0.001));
        }

        var shown = await DeviceFleets.GetAsync(client, Telemetry(device));
        Assert.Equal("24h", (string)shown["time_period"]!);
        Assert.Equal(
            ["time_period", "bucket_interval", "fill_interval_seconds", "buckets", "stream_fps", "system_status", "services", "hardware", "network_interfaces", "metadata"],
            shown.AsObject().Select(m => m.Key));
        Assert.All(["stream_fps", "services", "network_interfaces"], m => Assert.Empty(shown[m]!.AsArray()));
    }

    [Theory, DatabaseData]
    public async Task Samples_OverMqttAndRest_AreWrittenWhenTheServerStops(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var own = fleet.ClientFor(device.Secret);
        var sample = new TelemetrySample(50, null, null, null, null, null, null, 61.5);
        await using var agent = await FakeAgent.ConnectedAsync(fleet, device);

        await agent.PublishAsync(new Topics().Up(device.Id, Uplink.Telemetry), Envelopes.Of(device, Uplink.Telemetry, 1, 1, sample, ContractsJson.Default.EnvelopeTelemetrySample));
        await own.PostForAnswerAsync("/agent/v1/report", new ByteArrayContent(Envelopes.Of(device, Uplink.Telemetry, 1, 2, sample with { CpuPercent = 70 }, ContractsJson.Default.EnvelopeTelemetrySample)));
        await own.PostForAnswerAsync("/agent/v1/report", new ByteArrayContent(Envelopes.Of(device, Uplink.Telemetry, 1, 2, sample with { CpuPercent = 99 }, ContractsJson.Default.EnvelopeTelemetrySample)));
        await fleet.Service<TelemetryRecorder>().WriteAsync(DateTimeOffset.MaxValue, Cancellation);

        await using var db = fleet.Open();
        var rows = await db.DeviceTelemetry.Where(t => t.DeviceKey == device.Key).ToListAsync(Cancellation);
        Assert.Equal((2, 120d), (rows.Sum(r => r.Samples), rows.Sum(r => r.CpuPercent * r.Samples)));
        Assert.All(rows, r => Assert.Equal((61.5, null), (r.TemperatureCelsius, r.MemoryUsedBytes)));
    }

    [Theory, DatabaseData]
    public async Task Slot_WrittenInTwoParts_KeepsTheLast(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        var recorder = fleet.Service<TelemetryRecorder>();
        foreach (var cpu in new[] { 10d, 20d })
        {
            recorder.Hear(Ref(fleet, device), new TelemetrySample(cpu, null, null, null, null, null, null, null), s_start);
            await recorder.WriteAsync(s_start.AddMinutes(2), Cancellation);
        }

        // A device that is gone takes no other's telemetry with it.
        recorder.Hear(new DeviceRef(int.MaxValue, fleet.Workspace.Id, DeviceId.New(TimeProvider.System)), new TelemetrySample(1, null, null, null, null, null, null, null), s_start);
        recorder.Hear(Ref(fleet, device), new TelemetrySample(30, null, null, null, null, null, null, null), s_start.AddMinutes(2));
        await recorder.WriteAsync(s_start.AddMinutes(4), Cancellation);

        await using var db = fleet.Open();
        Assert.Equal([20d, 30d], await db.DeviceTelemetry.Where(t => t.DeviceKey == device.Key).OrderBy(t => t.At).Select(t => t.CpuPercent!.Value).ToListAsync(Cancellation));
    }

    [Theory, DatabaseData]
    public async Task Retention_EndsTelemetryAfterFifteenDays(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        var recorder = fleet.Service<TelemetryRecorder>();
        var now = TimeProvider.System.GetUtcNow();
        var sample = new TelemetrySample(1, null, null, null, null, null, null, null);
        for (var i = 0; i < 1100; i++)
        {
            recorder.Hear(Ref(fleet, device), sample, now - HistoryRetention.KeepTelemetry - (TelemetrySlot.Length * (1100 - i)));
        }

        recorder.Hear(Ref(fleet, device), sample, now - TimeSpan.FromDays(14.5));
        await recorder.WriteAsync(DateTimeOffset.MaxValue, Cancellation);

        await fleet.Service<HistoryRetention>().TrimAsync(Cancellation);

        await using var db = fleet.Open();
        Assert.Equal(TelemetrySlot.StartOf(now - TimeSpan.FromDays(14.5)), (await db.DeviceTelemetry.SingleAsync(t => t.DeviceKey == device.Key, Cancellation)).At);
    }

    [Theory]
    [InlineData("time_period=2h", "time_period")]
    [InlineData("time_period=24H", "time_period")]
    [InlineData("include=buckets,nonsense", "include")]
    public async Task Read_BadParameter_Is400NamingIt(string query, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();

        var answer = await client.GetForAnswerAsync($"{DeviceFleets.Root}/{Guid.NewGuid()}/telemetry?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
    }

    private static string Telemetry(TestDevice device) => $"{DeviceFleets.Root}/{device.Id}/telemetry";

    private static DeviceRef Ref(FleetApplication fleet, TestDevice device) => new(device.Key, fleet.Workspace.Id, device.Id);
}
