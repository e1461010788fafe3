using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Devices;
using FleetManager.Data.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Messaging;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>What happened to a device, as far as the server knows.</summary>
public sealed class DeviceEventsTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Device_ThatLives_LeavesItsStory(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync();
        using var told = fleet.ClientFor(device.Secret);
        await using (var agent = await FakeAgent.ConnectedAsync(fleet, device))
        {
            await agent.SayAsync(PresenceState.Online, 7, 1);
            await Poll.UntilAsync(() => RowsAsync(client, device), r => r.Count == 1);

            // An answer that was lost: the same again, and what came since.
            var batch = new DeviceEventBatch(7, [Happened(1, "agent", "agent_started", "Agent 1.2.3 started."), Happened(2, "event_store", "capacity_blocked", "Full.")]);
            await SendAsync(told, batch);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(told, batch with { Events = [.. batch.Events, Happened(3, "event_store", "capacity_cleared", "Room.")] })));
            await agent.SayAsync(PresenceState.Offline, 7, 9);
            await agent.SayAsync(PresenceState.Online, 8, 1);
            await agent.SayAsync(PresenceState.Lost, 8, 2);
        }

        await client.PatchAsync($"/api/v1/devices/{device.Id}", new StringContent("""{"name":"Press 4"}"""), Cancellation);
        await client.PostAsync($"/api/v1/devices/{device.Id}/revoke", null, Cancellation);

        var rows = await Poll.UntilAsync(() => RowsAsync(client, device, "direction=forward"), r => r.Count == 9);
        Assert.Equal(
            ["online", "agent_started", "capacity_blocked", "capacity_cleared", "offline", "online", "lost"],
            rows.Where(r => (string)r["entity_type"]! != "device").Select(r => (string)r["event"]!));
        Assert.Equal(["renamed", "key_revoked"], rows.Where(r => (string)r["entity_type"]! == "device").Select(r => (string)r["event"]!));
        Assert.Equal(
            ("Agent 1.2.3 started.", "2026-03-01 12:00:01.000"),
            ((string)rows[1]["event_description"]!, (string)rows[1]["device_timestamp"]!));
        Assert.Contains("Press 4", (string)rows.Single(r => (string)r["event"]! == "renamed")["event_description"]!, StringComparison.Ordinal);
        Assert.All(rows, r =>
        {
            Assert.Equal(["event", "entity_type", "entity_id", "event_description", "device_timestamp", "server_timestamp", "event_end_timestamp"], r.AsObject().Select(m => m.Key));
            Assert.Equal((device.Id.Value, "1970-01-01 00:00:00.000"), ((string)r["entity_id"]!, (string)r["event_end_timestamp"]!));
            Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$", (string)r["server_timestamp"]!);
            Assert.Equal((string)r["entity_type"]! == "device", r["device_timestamp"] is null);
        });
    }

    [Theory, DatabaseData]
    public async Task Device_ThatRepeatsItself_IsMarkedAsARepeat(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var told = fleet.ClientFor(device.Secret);
        using var client = await fleet.KeyClientAsync();

        await SendAsync(told, new DeviceEventBatch(1, [Happened(1, "settings", "settings_applied", "Revision 3."), Happened(2, "agent", "agent_stopped", "Bye.")]));
        await SendAsync(told, new DeviceEventBatch(2, [Happened(1, "settings", "settings_applied", "Revision 3."), Happened(2, "settings", "settings_applied", "Revision 4.")]));

        Assert.Equal(["Revision 3.", "Bye.", "Revision 4."], (await RowsAsync(client, device, "direction=forward")).Select(r => (string)r["event_description"]!));
        Assert.Equal(3, (await RowsAsync(client, device, $"entity_type=settings&entity_id={device.Id}&dedupe=false")).Count);
    }

    [Theory]
    [InlineData("{", "body")]
    [InlineData("{}", "boot")]
    [InlineData("""{"boot":1}""", "events")]
    [InlineData("""{"boot":1,"events":[]}""", "events")]
    [InlineData("""{"boot":1,"events":[null]}""", "events[0]")]
    [InlineData("""{"boot":1,"events":[{"seq":0,"at":"2026-03-01T12:00:00Z","entityType":"agent","event":"e","description":"d"}]}""", "events[0].seq")]
    [InlineData("""{"boot":1,"events":[{"seq":1,"at":"noon","entityType":"agent","event":"e","description":"d"}]}""", "events[0].at")]
    [InlineData("""{"boot":1,"events":[{"seq":1,"at":"2026-03-01T12:00:00Z","entityType":"presence","event":"e","description":"d"}]}""", "events[0].entityType")]
    [InlineData("""{"boot":1,"events":[{"seq":1,"at":"2026-03-01T12:00:00Z","entityType":"agent","event":"Started","description":"d"}]}""", "events[0].event")]
    [InlineData("""{"boot":1,"events":[{"seq":1,"at":"2026-03-01T12:00:00Z","entityType":"agent","event":"e","description":"a\u0000"}]}""", "events[0].description")]
    [InlineData("""{"boot":1,"events":[{"seq":1,"at":"2026-03-01T12:00:00Z","entityType":"agent","event":"e","description":"d"},{"seq":1,"at":"2026-03-01T12:00:00Z","entityType":"agent","event":"e","description":"d"}]}""", "same seq")]
    public async Task Send_BadBatch_Is400NamingItAndKeepsNothing(string body, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        var device = await fleet.AddDeviceAsync();
        using var told = fleet.ClientFor(device.Secret);
        using var client = await fleet.KeyClientAsync();

        var answer = await told.PostJsonAsync("/agent/v1/device-events", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
        Assert.Empty(await RowsAsync(client, device));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostJsonAsync("/agent/v1/device-events", body)).Status);
    }

    [Theory, DatabaseData]
    public async Task Restart_OfTheServer_TellsNothingTwice(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync();

        // Each recorder is a server that remembers nothing of the one before.
        for (var run = 0; run < 3; run++)
        {
            using var recorder = new EventRecorder(fleet.Service<IDbContextFactory<Data.FleetDb>>(), TimeProvider.System, fleet.Service<Microsoft.Extensions.Logging.ILogger<EventRecorder>>());
            recorder.Record(Recording(fleet, device, DeviceEntities.Presence, new("online", "connected")));
            await recorder.StopAsync(Cancellation);
        }

        Assert.Equal(["online"], (await RowsAsync(client, device)).Select(r => (string)r["event"]!));

        // The repeats are there for who asks for one entity.
        Assert.Equal(["online", "online", "online"], (await RowsAsync(client, device, $"entity_type=presence&entity_id={device.Id}&dedupe=false")).Select(r => (string)r["event"]!));
        Assert.Single(await RowsAsync(client, device, $"entity_type=presence&entity_id={device.Id}"));
    }

    [Theory, DatabaseData]
    public async Task Recorder_WithADeviceThatIsGone_StillWritesTheOthers(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync();
        var recorder = fleet.Service<EventRecorder>();

        recorder.Record(Recording(fleet, device with { Key = int.MaxValue }, DeviceEntities.Presence, new("online", "connected")));
        recorder.Record(Recording(fleet, device, DeviceEntities.Presence, new("online", "connected")));

        await Poll.UntilAsync(() => RowsAsync(client, device), r => r.Count == 1);
    }

    [Theory, DatabaseData]
    public async Task Filters_AndTogether(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync();
        await AddAsync(fleet, device, [.. Enumerable.Range(1, 12).Select(i => (i % 2 == 0 ? "presence" : "agent", i % 3 == 0 ? "online" : "offline"))]);

        Assert.Equal([12, 6], await FoundAsync(client, device, "entity_type=presence&event=online"));
        Assert.Equal([11, 7, 5, 1], await FoundAsync(client, device, $"entity_type=agent&entity_id={device.Id}&event=offline"));
        Assert.Equal([7, 6, 5], await FoundAsync(client, device, "start_time=2026-03-01T12:00:05Z&end_time=2026-03-01T12:00:07Z"));
        Assert.Equal([5, 6, 7], await FoundAsync(client, device, "start_time=2026-03-01%2012:00:05.000&end_time=2026-03-01%2012:00:07&direction=forward"));
        Assert.Empty(await FoundAsync(client, device, "entity_id=another"));
    }

    [Theory, DatabaseData]
    public async Task Pages_InBothDirectionsAndBack_AreStableUnderInserts(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync();
        await AddAsync(fleet, device, [.. Enumerable.Range(1, 23).Select(_ => ("presence", "online"))]);

        // Newest first, while more arrive.
        var seen = new List<int>();
        string? cursor = null;
        JsonNode page;
        do
        {
            page = await DeviceFleets.GetAsync(client, $"{Events(device)}?limit=5{Cursor(cursor)}");
            Assert.Equal(cursor is null, page["pagination"]!["prev_cursor"] is null);
            seen.AddRange(Numbers(page));
            cursor = (string?)page["pagination"]!["next_cursor"];
            Assert.Equal(cursor is not null, (bool)page["pagination"]!["has_more"]!);
            await AddAsync(fleet, device, [("presence", "late")], from: 100 + seen.Count);
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(1, 23).Reverse(), seen);

        // And back from the last page, in the same order, to what came meanwhile.
        var back = new List<int>();
        cursor = (string?)page["pagination"]!["prev_cursor"];
        while (cursor is not null)
        {
            page = await DeviceFleets.GetAsync(client, $"{Events(device)}?limit=5{Cursor(cursor)}");
            back.InsertRange(0, Numbers(page));
            cursor = (string?)page["pagination"]!["prev_cursor"];
        }

        Assert.Equal(Enumerable.Range(4, 20).Reverse(), back[^20..]);
        Assert.Equal(5, back.Count(n => n > 100));

        // Oldest first, and round again with the cursor that leads to the older ones.
        var first = await DeviceFleets.GetAsync(client, $"{Events(device)}?limit=4&direction=forward");
        var second = await DeviceFleets.GetAsync(client, $"{Events(device)}?limit=4&direction=forward{Cursor((string?)first["pagination"]!["next_cursor"])}");
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], [.. Numbers(first), .. Numbers(second)]);
        var round = await DeviceFleets.GetAsync(client, $"{Events(device)}?limit=3{Cursor((string?)second["pagination"]!["prev_cursor"])}");
        Assert.Equal([4, 3, 2], Numbers(round));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("direction=sideways", "direction")]
    [InlineData("dedupe=no", "dedupe")]
    [InlineData("dedupe=false", "entity_type and entity_id")]
    [InlineData("dedupe=false&entity_id=x", "entity_type and entity_id")]
    [InlineData("cursor=AAAA", "cursor")]
    [InlineData("cursor=!!!!!!!!!!!!", "cursor")]
    [InlineData("start_time=x", "start_time")]
    [InlineData("end_time=x", "end_time")]
    [InlineData("entity_type=%00", "entity_type")]
    [InlineData("event=%0a", "event")]
    public async Task Read_BadParameter_Is400NamingIt(string query, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();

        var answer = await client.GetForAnswerAsync($"{DeviceFleets.Root}/any/events?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Retention_EndsWhatIsOldAndWhatIsTooMuch(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync();
        await AddAsync(fleet, device, [("presence", "online")], at: TimeProvider.System.GetUtcNow() - HistoryRetention.KeepEvents - TimeSpan.FromMinutes(1));
        await AddAsync(fleet, device, [.. Enumerable.Range(2, 30).Select(_ => ("presence", "online"))], from: 2, at: TimeProvider.System.GetUtcNow());

        await fleet.Service<HistoryRetention>().TrimAsync(Cancellation, maxEvents: 25);

        Assert.Equal(Enumerable.Range(7, 25).Reverse(), await FoundAsync(client, device, ""));
    }

    private static string Events(TestDevice device) => $"{DeviceFleets.Root}/{device.Id}/events";

    private static string Cursor(string? cursor) => cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor);

    private static DeviceHappening Happened(long seq, string entity, string name, string description) => new(seq, s_noon.AddSeconds(seq), entity, name, description);

    private static async Task SendAsync(HttpClient agent, DeviceEventBatch batch)
    {
        var answer = await agent.PostJsonAsync("/agent/v1/device-events", JsonSerializer.Serialize(batch, ContractsJson.Default.DeviceEventBatch));
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
    }

    private static Recording Recording(FleetApplication fleet, TestDevice device, string entity, Happening what) =>
        new(new DeviceRef(device.Key, fleet.Workspace.Id, device.Id), entity, what, s_noon, s_noon);

    private static async Task AddAsync(FleetApplication fleet, TestDevice device, (string Entity, string Event)[] rows, int from = 1, DateTimeOffset? at = null)
    {
        await using var db = fleet.Open();
        foreach (var (entity, name) in rows)
        {
            var number = from++;
            db.DeviceEvents.Add(new DeviceEvent
            {
                WorkspaceId = fleet.Workspace.Id,
                DeviceKey = device.Key,
                EntityType = entity,
                EntityId = device.Id.Value,
                Event = name,
                Description = $"{number}",
                At = at ?? s_noon.AddSeconds(number),
            });
            await db.SaveChangesAsync(Cancellation);
        }
    }

    private static async Task<List<JsonNode>> RowsAsync(HttpClient client, TestDevice device, string query = "") =>
        [.. (await DeviceFleets.GetAsync(client, $"{Events(device)}?{query}"))["data"]!.AsArray().Select(r => r!)];

    private static async Task<IEnumerable<int>> FoundAsync(HttpClient client, TestDevice device, string query) =>
        Numbers(await DeviceFleets.GetAsync(client, $"{Events(device)}?{query}"));

    private static IEnumerable<int> Numbers(JsonNode page) =>
        page["data"]!.AsArray().Select(r => int.Parse((string)r!["event_description"]!, System.Globalization.CultureInfo.InvariantCulture));
}
