using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Data.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>What devices log: kept once, shown page by page, ended by age and number.</summary>
public sealed class DeviceLogsTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Lines_SentTwice_AreKeptOnceAndShownNewestFirst(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var agent = fleet.ClientFor(device.Secret);
        using var client = await fleet.KeyClientAsync("device:read");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(agent, 1, [Line(1, "warning"), Line(2, "ERROR", "store"), Line(3)])));
        answers = [.. answers, await SendAsync(agent, 1, [Line(3), Line(4)]), await SendAsync(agent, 2, [Line(1)])];

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.NoContent, a.Status));
        var page = await DeviceFleets.GetAsync(client, Logs(device));
        Assert.Equal(
            [("line 4", "INFO", "sync"), ("line 3", "INFO", "sync"), ("line 2", "ERROR", "store"), ("line 1", "INFO", "sync"), ("line 1", "WARN", "sync")],
            page["data"]!.AsArray().Select(l => ((string)l!["message"]!, (string)l["severity"]!, (string)l["service"]!)));
        Assert.Equal(["timestamp", "service", "severity", "message"], page["data"]![0]!.AsObject().Select(m => m.Key));
        Assert.Equal(s_noon.AddSeconds(4), page["data"]![0]!["timestamp"]!.GetValue<DateTimeOffset>());
        Assert.Equal("""{"next_cursor":null,"has_more":false,"limit":100}""", page["pagination"]!.ToJsonString());
    }

    [Theory, DatabaseData]
    public async Task Filters_AndTogether_AndListsAreJoinedByCommas(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var agent = fleet.ClientFor(device.Secret);
        using var client = await fleet.KeyClientAsync();
        string[] severities = ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"];
        await SendAsync(agent, 1, [.. Enumerable.Range(1, 20).Select(i => Line(i, severities[i % 5], i % 2 == 0 ? "sync" : "store"))]);

        Assert.Equal([18, 13, 8, 3], await FoundAsync(client, device, "severity=error"));
        Assert.Equal([18, 17, 13, 12, 8, 7, 3, 2], await FoundAsync(client, device, "severity=WARNING%2CERROR"));
        Assert.Equal([18, 8], await FoundAsync(client, device, "severity=ERROR&service=sync"));
        Assert.Equal(Enumerable.Range(1, 20).Reverse(), await FoundAsync(client, device, "service=sync%2Cstore,other"));
        Assert.Equal([6, 5, 4], await FoundAsync(client, device, "start_time=2026-03-01T12:00:04Z&end_time=2026-03-01T13:00:06%2B01:00"));
        Assert.Empty(await FoundAsync(client, device, "service=nobody"));
    }

    [Theory, DatabaseData]
    public async Task Pages_OfLinesAtOneMoment_ShowEachOnceWhateverArrives(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var agent = fleet.ClientFor(device.Secret);
        using var client = await fleet.KeyClientAsync();
        await SendAsync(agent, 1, [.. Enumerable.Range(1, 30).Select(i => Line(i, at: s_noon.AddMilliseconds(i / 10)))]);

        var seen = new List<int>();
        string? cursor = null;
        for (var round = 1; round == 1 || cursor is not null; round++)
        {
            var page = await DeviceFleets.GetAsync(client, $"{Logs(device)}?limit=7{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}");
            seen.AddRange(page["data"]!.AsArray().Select(Number));
            cursor = (string?)page["pagination"]!["next_cursor"];
            Assert.Equal(cursor is not null, (bool)page["pagination"]!["has_more"]!);
            if (cursor is not null)
            {
                // It is an ISO time, as the reference says, whatever else it tells.
                Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$", cursor);
            }

            await SendAsync(agent, 2, [Line(round, at: s_noon.AddMinutes(round))]);
        }

        Assert.Equal(Enumerable.Range(1, 30).Reverse(), seen);
        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1], await FoundAsync(client, device, "cursor=2026-03-01T12:00:00.001Z"));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("start_time=noon", "start_time")]
    [InlineData("end_time=2026-13-01", "end_time")]
    [InlineData("end_time=2026-03-01T13:00:06+01:00", "%2B")]
    [InlineData("severity=LOUD", "severity")]
    [InlineData("service=%07", "service")]
    [InlineData("cursor=2026", "cursor")]
    public async Task Read_BadParameter_Is400NamingIt(string query, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();

        var answer = await client.GetForAnswerAsync($"{DeviceFleets.Root}/any/logs?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "body")]
    [InlineData("{}", "boot")]
    [InlineData("""{"boot":1}""", "lines")]
    [InlineData("""{"boot":1,"lines":[]}""", "lines")]
    [InlineData("""{"boot":1,"lines":[null]}""", "lines[0]")]
    [InlineData("""{"boot":0,"lines":[{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"s","message":"m"}]}""", "boot")]
    [InlineData("""{"boot":1,"lines":[{"seq":0,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"s","message":"m"}]}""", "lines[0].seq")]
    [InlineData("""{"boot":1,"lines":[{"seq":1,"at":"noon","severity":"INFO","service":"s","message":"m"}]}""", "lines[0].at")]
    [InlineData("""{"boot":1,"lines":[{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"LOUD","service":"s","message":"m"}]}""", "lines[0].severity")]
    [InlineData("""{"boot":1,"lines":[{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"a,b","message":"m"}]}""", "lines[0].service")]
    [InlineData("""{"boot":1,"lines":[{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"s","message":""}]}""", "lines[0].message")]
    [InlineData("""{"boot":1,"lines":[{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"s","message":"a\u0000"}]}""", "lines[0].message")]
    [InlineData("""{"boot":1,"lines":[{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"s","message":"\ud800"}]}""", "message")]
    [InlineData("""{"boot":1,"lines":[{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"s","message":"m"},{"seq":1,"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"s","message":"n"}]}""", "same seq")]
    public async Task Send_BadBatch_Is400NamingItAndKeepsNothing(string body, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        var device = await fleet.AddDeviceAsync();
        using var agent = fleet.ClientFor(device.Secret);

        var answer = await agent.PostJsonAsync("/agent/v1/logs", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
        Assert.Empty(await KeptAsync(fleet, device));
    }

    [Fact]
    public async Task Send_TooMuchOrByAnApiKey_IsRefused()
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var agent = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        using var key = await fleet.KeyClientAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(agent, 1, [.. Enumerable.Range(1, 501).Select(i => Line(i))])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(agent, 1, [Line(1, message: new string('m', 4001))])).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(agent, 1, [.. Enumerable.Range(1, 300).Select(i => Line(i, message: new string('m', 4000)))])).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(agent, 1, [.. Enumerable.Range(1, 500).Select(i => Line(i))])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(key, 1, [Line(1)])).Status);
    }

    [Theory, DatabaseData]
    public async Task Retention_EndsWhatIsOldByTheServersClockAndWhatIsTooMuch(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        var chatty = await fleet.AddDeviceAsync("chatty");
        var now = TimeProvider.System.GetUtcNow();
        await using (var db = fleet.Open())
        {
            // One slice and a bit of old lines, in front of young ones, whatever the device's clock says of both.
            db.DeviceLogs.AddRange(Enumerable.Range(1, 1200).Select(i => Row(fleet, device, i, now - HistoryRetention.KeepLogs - TimeSpan.FromMinutes(1))));
            await db.SaveChangesAsync(Cancellation);
            db.DeviceLogs.AddRange(Enumerable.Range(2000, 5).Select(i => Row(fleet, device, i, now - HistoryRetention.KeepLogs + TimeSpan.FromMinutes(1))));
            db.DeviceLogs.AddRange(Enumerable.Range(1, 1150).Select(i => Row(fleet, chatty, i, now)));
            await db.SaveChangesAsync(Cancellation);
        }

        await fleet.Service<HistoryRetention>().TrimAsync(Cancellation, maxLogs: 20);

        Assert.Equal(Enumerable.Range(2000, 5), await KeptAsync(fleet, device));
        Assert.Equal(Enumerable.Range(1131, 20), await KeptAsync(fleet, chatty));
    }

    private static string Logs(TestDevice device) => $"{DeviceFleets.Root}/{device.Id}/logs";

    private static DeviceLog Row(FleetApplication fleet, TestDevice device, int seq, DateTimeOffset received) => new()
    {
        WorkspaceId = fleet.Workspace.Id, DeviceKey = device.Key, Boot = 1, Seq = seq, At = s_noon, ReceivedAt = received, Severity = "INFO", Service = "sync", Message = "m",
    };

    private static async Task<List<int>> KeptAsync(FleetApplication fleet, TestDevice device)
    {
        await using var db = fleet.Open();
        return await db.DeviceLogs.Where(l => l.DeviceKey == device.Key).OrderBy(l => l.Seq).Select(l => (int)l.Seq).ToListAsync(Cancellation);
    }

    private static JsonObject Line(int seq, string severity = "INFO", string service = "sync", string? message = null, DateTimeOffset? at = null) => new()
    {
        ["seq"] = seq, ["at"] = at ?? s_noon.AddSeconds(seq), ["severity"] = severity, ["service"] = service, ["message"] = message ?? $"line {seq}",
    };

    private static Task<Answer> SendAsync(HttpClient agent, long boot, JsonObject[] lines) =>
        agent.PostJsonAsync("/agent/v1/logs", JsonSerializer.Serialize(new JsonObject { ["boot"] = boot, ["lines"] = new JsonArray(lines) }));

    private static async Task<IEnumerable<int>> FoundAsync(HttpClient client, TestDevice device, string query) =>
        (await DeviceFleets.GetAsync(client, $"{Logs(device)}?{query}"))["data"]!.AsArray().Select(Number);

    private static int Number(JsonNode? line) => int.Parse(((string)line!["message"]!)["line ".Length..], System.Globalization.CultureInfo.InvariantCulture);
}
