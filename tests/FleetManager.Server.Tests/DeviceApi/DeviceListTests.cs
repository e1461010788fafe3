using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Messaging;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>List, create, get and streams, as the reference's clients call them.</summary>
public sealed class DeviceListTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    private const string Root = DeviceFleets.Root;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Create_ADevice_ExistsBeforeItIsEnrolled(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync("device:read", "device:update");

        var created = await client.PostJsonAsync(
            Root, """{"device_name":"  Line 1 ","device_type":"edge","workflow_id":"wf-1","tags":[" hall a","press","hall a "],"offline_mode":false,"else":{"x":1}}""");

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal(["deviceId", "installId"], created.Json.AsObject().Select(m => m.Key));
        var id = (string)created.Json["deviceId"]!;
        var device = await DeviceFleets.GetAsync(client, $"{Root}/{id}");
        Assert.Equal(
            [
                "id", "name", "status", "last_heartbeat", "platform", "platform_release", "platform_version", "architecture", "hostname", "rfdm_version", "type",
                "workflow_id", "hardware", "tags", "created_at",
            ],
            device.AsObject().Select(m => m.Key));
        Assert.Equal((id, "Line 1", "unknown", "edge", "wf-1"), ((string)device["id"]!, (string)device["name"]!, (string)device["status"]!, (string)device["type"]!, (string)device["workflow_id"]!));
        Assert.Equal(["hall a", "press"], device["tags"]!.AsArray().Select(t => (string)t!));
        Assert.All(["last_heartbeat", "platform", "hostname", "rfdm_version", "hardware"], m => Assert.Null(device[m]));
        var listed = (await DeviceFleets.GetAsync(client, Root))["data"]!.AsArray().Single(d => (string)d!["id"]! == id)!;
        Assert.True(JsonNode.DeepEquals(device, listed));

        // The console's own view shows what is new about it.
        var row = (await DeviceFleets.GetAsync(client, "/api/v1/devices?sort=enrolledAt&search=" + id))["rows"]![0]!;
        Assert.Equal(("edge", "hall a"), ((string)row["type"]!, (string)row["tags"]![0]!));
        Assert.Null(row["enrolledAt"]);
        Assert.Null((await DeviceFleets.GetAsync(client, $"/api/v1/devices/{id}"))["enrolledAt"]);
        await using var db = fleet.Open();
        var token = (string)created.Json["installId"]!;
        Assert.DoesNotContain(await db.EnrollmentTokens.Select(t => t.Hash).ToListAsync(Cancellation), h => h.Contains(token, StringComparison.Ordinal));
        Assert.Equal("device.created", (await db.AuditEntries.SingleAsync(a => a.Subject == id, Cancellation)).Action);
    }

    [Theory, DatabaseData]
    public async Task Get_ADeviceThatSpoke_IsOnlineForFiveMinutes(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var client = await fleet.KeyClientAsync();
        using var own = fleet.ClientFor(device.Secret);
        var presence = new PresenceReport(PresenceState.Online, "1.2.3", new HardwareSummary("cam-7", "Linux", "Debian 13", "arm64", 6, 8L << 30, 64L << 30));

        Assert.Equal(
            HttpStatusCode.NoContent,
            (await own.PostForAnswerAsync("/agent/v1/report", new ByteArrayContent(Envelopes.Of(device, Uplink.Presence, 1, 1, presence, ContractsJson.Default.EnvelopePresenceReport)))).Status);

        var shown = await Poll.UntilAsync(() => DeviceFleets.GetAsync(client, $"{Root}/{device.Id}"), d => (string)d["status"]! == "online" && d["hostname"] is not null);
        Assert.Equal(("cam-7", "Linux", "Debian 13", "arm64", "1.2.3"), ((string)shown["hostname"]!, (string)shown["platform"]!, (string)shown["platform_version"]!, (string)shown["architecture"]!, (string)shown["rfdm_version"]!));
        Assert.True(JsonNode.DeepEquals(shown["hardware"], JsonNode.Parse("""{"processor":"6 × arm64","gpu":null,"total_memory_mb":8192,"total_disk_space_mb":65536}""")));

        await using (var db = fleet.Open())
        {
            var old = TimeProvider.System.GetUtcNow().AddMinutes(-6);
            await db.DeviceStatuses.Where(s => s.DeviceKey == device.Key).ExecuteUpdateAsync(s => s.SetProperty(d => d.LastUplinkAt, old).SetProperty(d => d.LastRestAt, old), Cancellation);
        }

        Assert.Equal("offline", (string)(await DeviceFleets.GetAsync(client, $"{Root}/{device.Id}"))["status"]!);
    }

    [Theory, DatabaseData]
    public async Task Create_FromASource_StartsWithItsSettings(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var (source, _) = await DeviceFleets.CreateAsync(client);
        await client.PatchJsonAsync($"{Root}/{source}/config", """{"eventStore":{"retentionDays":3,"apiKey":"secret-1"}}""");
        using var tenant = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync($"copy-{kind}".ToLowerInvariant())));

        var (copy, _) = await DeviceFleets.CreateAsync(client, $$"""{"device_name":"copy","sourceDeviceId":"{{source}}"}""");

        var config = await DeviceFleets.GetAsync(client, $"{Root}/{copy}/config");
        Assert.Equal((1, 3, "secret-1"), ((int)config["version"]!, (int)config["eventStore"]!["retentionDays"]!, (string)config["eventStore"]!["apiKey"]!));
        var unknown = await client.PostJsonAsync(Root, """{"device_name":"copy","sourceDeviceId":"nobody"}""");
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Contains("sourceDeviceId", unknown.Error, StringComparison.Ordinal);
        var foreign = await tenant.PostJsonAsync($"/copy-{kind}/devices/v2".ToLowerInvariant(), $$"""{"device_name":"copy","sourceDeviceId":"{{source}}"}""");
        Assert.Equal(HttpStatusCode.Forbidden, foreign.Status);
        Assert.Contains("another workspace", foreign.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("{", "JSON")]
    [InlineData("[]", "object")]
    [InlineData("{}", "device_name")]
    [InlineData("""{"device_name":null}""", "device_name")]
    [InlineData("""{"device_name":7}""", "device_name")]
    [InlineData("""{"device_name":"  "}""", "device_name")]
    [InlineData("""{"device_name":"a\nb"}""", "device_name")]
    [InlineData("""{"device_name":"a\u0000b"}""", "NUL")]
    [InlineData("""{"device_name":"\ud800"}""", "surrogate")]
    [InlineData("""{"device_name":"a"} x""", "JSON")]
    [InlineData("""{"device_name":"a","device_type":["edge"]}""", "device_type")]
    [InlineData("""{"device_name":"a","device_type":"e\u0007"}""", "device_type")]
    [InlineData("""{"device_name":"a","workflow_id":{}}""", "workflow_id")]
    [InlineData("""{"device_name":"a","tags":"x"}""", "tags")]
    [InlineData("""{"device_name":"a","tags":["x"," "]}""", "tags[1]")]
    [InlineData("""{"device_name":"a","tags":[1]}""", "tags[0]")]
    [InlineData("""{"device_name":"a","offline_mode":"yes"}""", "offline_mode")]
    [InlineData("""{"device_name":"a","device_type":"edge","offline_mode":true}""", "ai1")]
    [InlineData("""{"device_name":"a","device_type":"ai1","offline_mode":true}""", "offline provisioning")]
    [InlineData("""{"device_name":"a","sourceDeviceId":5}""", "sourceDeviceId")]
    public async Task Create_BadInput_Is400NamingItAndMakesNothing(string body, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        await using var db = fleet.Open();
        var before = await db.Devices.CountAsync(Cancellation);

        var answer = await client.PostJsonAsync(Root, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, await db.Devices.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Create_TooMuch_IsRefused()
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var tags = JsonSerializer.Serialize(Enumerable.Range(0, 51).Select(i => $"t{i}"));

        Assert.Contains("tags", (await client.PostJsonAsync(Root, $$"""{"device_name":"a","tags":{{tags}}}""")).Error, StringComparison.Ordinal);
        Assert.Contains("device_name", (await client.PostJsonAsync(Root, $$"""{"device_name":"{{new string('n', 101)}}"}""")).Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.PostJsonAsync(Root, $$"""{"x":"{{new string('n', 70_000)}}"}""")).Status);
    }

    [Theory, DatabaseData]
    public async Task Streams_OfAnyDevice_AreHonestlyNone(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync("device:read");
        var device = await fleet.AddDeviceAsync();

        Assert.Equal("""{"data":[]}""", (await DeviceFleets.GetAsync(client, $"{Root}/{device.Id}/streams")).ToJsonString());
        var stream = await client.GetForAnswerAsync($"{Root}/{device.Id}/streams/aione");
        Assert.Equal(HttpStatusCode.NotFound, stream.Status);
        Assert.Contains("aione", stream.Error, StringComparison.Ordinal);
    }
}
