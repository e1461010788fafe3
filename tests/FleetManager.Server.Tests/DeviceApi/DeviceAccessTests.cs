using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>Who may do what on the device routes, and how each is told no (vision-events.md 2).</summary>
public sealed class DeviceAccessTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    private const string Root = DeviceFleets.Root;

    private static readonly string[] s_ofDevice =
        ["", "/config", "/config/history", "/streams", "/logs", "/telemetry", "/events"];

    [Theory, DatabaseData]
    public async Task Key_WithoutScope_Is404OfATypeThatClientsKnow(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var events = await fleet.KeyClientAsync("vision-events:read");
        using var reader = await fleet.KeyClientAsync("device:read");
        using var writer = await fleet.KeyClientAsync("device:update");

        foreach (var path in s_ofDevice.Select(p => $"{Root}/{device.Id}{p}").Append(Root).Append($"{Root}/default-config"))
        {
            Unscoped(await events.GetForAnswerAsync(path), "device:read");
            Unscoped(await writer.GetForAnswerAsync(path), "device:read");
        }

        Unscoped(await reader.PostJsonAsync(Root, """{"device_name":"a"}"""), "device:update");
        Unscoped(await reader.PatchJsonAsync($"{Root}/{device.Id}/config", "{}"), "device:update");
    }

    [Theory, DatabaseData]
    public async Task DeviceKey_ReachesItsOwnDeviceAndNothingElse(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        var other = await fleet.AddDeviceAsync("other");
        using var own = fleet.ClientFor(device.Secret);

        foreach (var path in s_ofDevice)
        {
            await DeviceFleets.GetAsync(own, $"{Root}/{device.Id}{path}");
            Assert.Equal(HttpStatusCode.Forbidden, (await own.GetForAnswerAsync($"{Root}/{other.Id}{path}")).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await own.GetForAnswerAsync($"{Root}/nobody{path}")).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await own.PatchJsonAsync($"{Root}/{device.Id}/config", """{"logging":{"level":"debug"}}""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await own.PatchJsonAsync($"{Root}/{other.Id}/config", "{}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await own.GetForAnswerAsync(Root)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await own.GetForAnswerAsync($"{Root}/default-config")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await own.PostJsonAsync(Root, """{"device_name":"a"}""")).Status);
    }

    [Theory, DatabaseData]
    public async Task Device_OfAnotherWorkspaceOrNobody_IsNotThere(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var key = await fleet.KeyClientAsync();
        var slug = $"tenant-{kind}".ToLowerInvariant();
        using var tenant = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync(slug)));

        foreach (var path in s_ofDevice)
        {
            Assert.NotEmpty(NotFound(await tenant.GetForAnswerAsync($"/{slug}/devices/v2/{device.Id}{path}")).Error);
            Assert.NotEmpty(NotFound(await key.GetForAnswerAsync($"{Root}/nobody{path}")).Error);

            // Another's slug is no way round, wherever the device is.
            Assert.Contains("workspace", NotFound(await tenant.GetForAnswerAsync($"{Root}/{device.Id}{path}")).Error, StringComparison.Ordinal);
        }

        NotFound(await tenant.PatchJsonAsync($"/{slug}/devices/v2/{device.Id}/config", "{}"));
        NotFound(await key.GetForAnswerAsync("/no-such-workspace/devices/v2"));
        Assert.Equal("""{"data":[]}""", (await DeviceFleets.GetAsync(tenant, $"/{slug}/devices/v2")).ToJsonString());
    }

    [Fact]
    public async Task Route_WithoutKeyOrUnknown_IsAnErrorObjectAndNoPage()
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var nobody = fleet.ClientFor();
        using var stranger = fleet.ClientFor("fk_" + new string('a', 64));
        using var key = await fleet.KeyClientAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetForAnswerAsync(Root)).Status);
        Assert.NotEmpty((await nobody.GetForAnswerAsync($"{Root}/x/config")).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetForAnswerAsync(Root)).Status);
        Assert.Contains("GET /default/devices/v2/x/nothing", NotFound(await nobody.GetForAnswerAsync($"{Root}/x/nothing")).Error, StringComparison.Ordinal);
        var method = await key.PutJsonAsync(Root, "{}");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.Status);
        Assert.Contains("POST", method.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_OfTheConsole_AreNotShadowed()
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var browser = new HttpClient(handler) { BaseAddress = fleet.Address };

        foreach (var page in new[] { "/w/default/deployment-manager/devices", "/w/default/deployment-manager/devices/v2", "/w/devices/vision-events" })
        {
            var answer = await browser.GetForAnswerAsync(page);
            Assert.Equal(HttpStatusCode.Redirect, answer.Status);
            Assert.Contains("/account/", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        }
    }

    private static Answer NotFound(Answer answer)
    {
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        return answer;
    }

    private static void Unscoped(Answer answer, string scope)
    {
        var error = Assert.IsType<JsonObject>(NotFound(answer).Json["error"]);
        Assert.Equal(["type", "message"], error.Select(m => m.Key));
        Assert.Equal("GraphMethodException", (string)error["type"]!);
        Assert.Contains(scope, (string)error["message"]!, StringComparison.Ordinal);
    }
}
