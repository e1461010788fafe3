using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FleetManager.Data.Settings;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>The configuration document: the console's settings in the reference's envelope.</summary>
public sealed class DeviceConfigTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    private const string Root = DeviceFleets.Root;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Patch_OnSections_SavesARevisionInTheEnvelope(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync("device:read", "device:update");
        var (id, _) = await DeviceFleets.CreateAsync(client, """{"device_name":"a","device_type":"edge","workflow_id":"wf"}""");
        var before = await DeviceFleets.GetAsync(client, $"{Root}/{id}/config");
        Assert.Equal(
            [
                "device_id", "device_name", "workspace_id", "version", "last_updated", "last_updated_at", "created_at", "config", "services",
                "eventStore", "visionEventsBackup", "telemetry", "logging",
            ],
            before.AsObject().Select(m => m.Key));
        Assert.Equal((id, "a", "default", 0), ((string)before["device_id"]!, (string)before["device_name"]!, (string)before["workspace_id"]!, (int)before["version"]!));
        Assert.Equal("""{"device_type":"edge","workflow_id":"wf"}""", before["config"]!.ToJsonString());
        Assert.Equal("{}", before["services"]!.ToJsonString());

        var patched = await client.PatchJsonAsync($"{Root}/{id}/config", """{"eventStore":{"retentionDays":3,"maxRecords":5000},"telemetry":{"intervalSeconds":5}}""");

        Assert.Equal((HttpStatusCode.OK, "\"1\""), (patched.Status, patched.Headers.ETag!.Tag));
        Assert.Equal((1, 3, 5000, 5), ((int)patched.Json["version"]!, (int)patched.Json["eventStore"]!["retentionDays"]!, (int)patched.Json["eventStore"]!["maxRecords"]!, (int)patched.Json["telemetry"]!["intervalSeconds"]!));
        Assert.Equal((string)before["eventStore"]!["whenFull"]!, (string)patched.Json["eventStore"]!["whenFull"]!);
        Assert.NotEqual((string)patched.Json["created_at"]!, (string)patched.Json["last_updated"]!);

        // Null goes back to the default, of one setting and of a whole section.
        var reset = await client.PatchJsonAsync($"{Root}/{id}/config", """{"eventStore":{"retentionDays":null},"telemetry":null}""");
        Assert.Equal((2, 7, 5000, 60), ((int)reset.Json["version"]!, (int)reset.Json["eventStore"]!["retentionDays"]!, (int)reset.Json["eventStore"]!["maxRecords"]!, (int)reset.Json["telemetry"]!["intervalSeconds"]!));

        // What changes nothing saves nothing.
        Assert.Equal(2, (int)(await client.PatchJsonAsync($"{Root}/{id}/config", """{"eventStore":{"maxRecords":5000}}""")).Json["version"]!);
        Assert.Equal(2, (int)(await client.PatchJsonAsync($"{Root}/{id}/config", "{}")).Json["version"]!);
        await using var db = fleet.Open();
        Assert.Equal(2, await db.AuditEntries.CountAsync(a => a.Subject == id && a.Action == "settings.saved", Cancellation));
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("null", "object")]
    [InlineData("""{"eventStore":{},"services":{},"config":1}""", "'services', 'config'")]
    [InlineData("""{"eventStore":{"retentionDays":-1}}""", "retentionDays")]
    [InlineData("""{"eventStore":{"nonsense":1}}""", "eventStore.nonsense")]
    [InlineData("""{"eventStore":7}""", "eventStore must be an object")]
    [InlineData("""{"eventStore":{"apiKey":"********"}}""", "mask")]
    [InlineData("""{"eventStore":{"apiKey":"a\u0000b"}}""", "NUL")]
    [InlineData("""{"eventStore":{"apiKey":"\ud800"}}""", "surrogate")]
    [InlineData("""{"eventStore":{"port":1e999}}""", "body: is not a number that a double can hold")]
    [InlineData("""{"eventStore":{"port":8002,"port":8003}}""", "has a member twice, and only one can be meant: Duplicate property 'port'")]
    [InlineData("""{"telemetry":{},"telemetry":{}}""", "Duplicate property 'telemetry'")]
    [InlineData("""{"visionEventsBackup":{"defaultUseCaseId":"nowhere"}}""", "defaultUseCaseId")]
    public async Task Patch_BadInput_Is400NamingItAndSavesNothing(string body, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var (id, _) = await DeviceFleets.CreateAsync(client);

        var answer = await client.PatchJsonAsync($"{Root}/{id}/config", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, (string)answer.Json["error"]!, StringComparison.Ordinal);
        Assert.Equal(0, (int)(await DeviceFleets.GetAsync(client, $"{Root}/{id}/config"))["version"]!);
    }

    [Theory, DatabaseData]
    public async Task Patch_Many_AtOnceAllCount_UnlessIfMatchSaysOtherwise(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var (id, _) = await DeviceFleets.CreateAsync(client);
        var patches = new[] { """{"eventStore":{"retentionDays":3}}""", """{"telemetry":{"intervalSeconds":5}}""", """{"logging":{"level":"debug"}}""" };

        var answers = await Task.WhenAll(patches.Select(p => client.PatchJsonAsync($"{Root}/{id}/config", p)));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        var config = await DeviceFleets.GetAsync(client, $"{Root}/{id}/config");
        Assert.Equal((3, 3, 5, "debug"), ((int)config["version"]!, (int)config["eventStore"]!["retentionDays"]!, (int)config["telemetry"]!["intervalSeconds"]!, (string)config["logging"]!["level"]!));
        var stale = await PatchAsync(client, id, "\"2\"");
        Assert.Equal((HttpStatusCode.Conflict, 3), (stale.Status, (int)stale.Json["current"]!["revision"]!));
        Assert.Equal(HttpStatusCode.BadRequest, (await PatchAsync(client, id, "\"x\"")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(client, id, "\"3\"")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.PatchJsonAsync($"{Root}/{id}/config", new string(' ', 40_000) + "{}")).Status);
    }

    [Theory, DatabaseData]
    public async Task Secrets_AreMaskedForKeysThatMayOnlyRead(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var writer = await fleet.KeyClientAsync();
        using var reader = await fleet.KeyClientAsync("device:read");
        var (id, _) = await DeviceFleets.CreateAsync(writer);
        await writer.PatchJsonAsync($"{Root}/{id}/config", """{"eventStore":{"apiKey":"hunter-2"}}""");

        foreach (var path in new[] { $"{Root}/{id}/config", $"{Root}/{id}/config/history", $"/api/v1/devices/{id}/settings" })
        {
            Assert.Contains("hunter-2", (await writer.GetForAnswerAsync(path)).Text, StringComparison.Ordinal);
            var read = (await reader.GetForAnswerAsync(path)).Text;
            Assert.DoesNotContain("hunter-2", read, StringComparison.Ordinal);
            Assert.Contains("\"apiKey\":\"********\"", read, StringComparison.Ordinal);
        }

        // A mask that was read is never saved as the secret, by either door.
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/devices/{id}/settings") { Content = new StringContent("""{"eventStore":{"apiKey":"********"}}""") };
        put.Headers.TryAddWithoutValidation("If-Match", "\"1\"");
        Assert.Equal(HttpStatusCode.BadRequest, (await writer.SendForAnswerAsync(put)).Status);
        Assert.Equal("hunter-2", (string)(await DeviceFleets.GetAsync(writer, $"{Root}/{id}/config"))["eventStore"]!["apiKey"]!);
    }

    [Theory, DatabaseData]
    public async Task Default_Config_IsWhatANewDeviceStartsWith(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync("device:read", "device:update");
        var (id, _) = await DeviceFleets.CreateAsync(client);

        var defaults = await DeviceFleets.GetAsync(client, $"{Root}/default-config");

        Assert.Equal(["config", "patch"], defaults.AsObject().Select(m => m.Key));
        Assert.Equal("{}", defaults["patch"]!.ToJsonString());
        var config = await DeviceFleets.GetAsync(client, $"{Root}/{id}/config");
        Assert.All(defaults["config"]!.AsObject(), section => Assert.True(JsonNode.DeepEquals(section.Value, config[section.Key])));
    }

    [Theory, DatabaseData]
    public async Task History_PageByPage_ShowsEachRevisionOnceWhateverIsSavedMeanwhile(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var (id, _) = await DeviceFleets.CreateAsync(client);
        for (var i = 1; i <= 25; i++)
        {
            await client.PatchJsonAsync($"{Root}/{id}/config", $$$"""{"eventStore":{"retentionDays":{{{i}}}}}""");
        }

        await using (var db = fleet.Open())
        {
            // Twelve of them at one moment, which a cursor that is only a time could not tell apart.
            var one = (await db.SettingsRevisions.SingleAsync(r => r.Revision == 8 && db.Devices.Any(d => d.DeviceId == id && d.Key == r.DeviceKey), Cancellation)).IssuedAt;
            await Of(db.SettingsRevisions, db, id).Where(r => r.Revision >= 8 && r.Revision < 20).ExecuteUpdateAsync(s => s.SetProperty(r => r.IssuedAt, one), Cancellation);
        }

        var seen = new List<int>();
        string? cursor = null;
        do
        {
            var page = await DeviceFleets.GetAsync(client, $"{Root}/{id}/config/history?{(cursor is null ? "" : $"cursor={Uri.EscapeDataString(cursor)}")}");
            Assert.Equal(10, (int)page["pagination"]!["limit"]!);
            Assert.Equal(page["pagination"]!["next_cursor"] is not null, (bool)page["pagination"]!["has_more"]!);
            seen.AddRange(page["data"]!.AsArray().Select(r => int.Parse((string)r!["revision_id"]!, System.Globalization.CultureInfo.InvariantCulture)));
            cursor = (string?)page["pagination"]!["next_cursor"];
            await client.PatchJsonAsync($"{Root}/{id}/config", $$$"""{"eventStore":{"retentionDays":{{{100 + seen.Count}}}}}""");
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(1, 25).Reverse(), seen);
        var newest = (await DeviceFleets.GetAsync(client, $"{Root}/{id}/config/history?limit=1"))["data"]![0]!;
        Assert.StartsWith("key:fk_", (string)newest["created_by"]!, StringComparison.Ordinal);
        Assert.Equal(125, (int)newest["sections"]!["eventStore"]!["retentionDays"]!);
        Assert.Empty((await DeviceFleets.GetAsync(client, $"{Root}/{id}/config/history?cursor=2020-01-01T00:00:00Z"))["data"]!.AsArray());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("cursor=yesterday", "cursor")]
    public async Task History_BadParameter_Is400NamingIt(string query, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();

        var answer = await client.GetForAnswerAsync($"{Root}/any/config/history?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
    }

    private static IQueryable<SettingsRevision> Of(DbSet<SettingsRevision> revisions, Data.FleetDb db, string device) =>
        revisions.Where(r => db.Devices.Any(d => d.DeviceId == device && d.Key == r.DeviceKey));

    private static async Task<Answer> PatchAsync(HttpClient client, string device, string ifMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"{Root}/{device}/config")
        {
            Content = new StringContent("""{"eventStore":{"retentionDays":9}}""", Encoding.UTF8, "application/merge-patch+json"),
        };
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await client.SendForAnswerAsync(request);
    }
}
