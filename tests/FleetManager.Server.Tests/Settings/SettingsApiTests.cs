using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Settings;

/// <summary>What a script sees of settings, and what an agent sees of them when its broker is blocked.</summary>
public sealed class SettingsApiTests(SharedFleet shared) : IClassFixture<SharedFleet>
{
    private readonly FleetApplication _fleet = shared.Application;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Put_BasedOnTheLatest_SavesAndShows()
    {
        var device = await _fleet.AddDeviceAsync();
        using var client = await _fleet.KeyClientAsync(Scopes.DeviceRead, Scopes.DeviceUpdate);
        var before = await client.GetAsync(Route(device), Cancellation);
        Assert.Equal("\"0\"", before.Headers.ETag!.Tag);

        var saved = await PutAsync(client, device, before.Headers.ETag.Tag, """{"telemetry":{"intervalSeconds":5}}""");

        Assert.Equal((HttpStatusCode.OK, 1), (saved.Status, saved.Body.GetProperty("revision").GetInt32()));
        var after = await client.GetFromJsonAsync<JsonElement>(Route(device), Cancellation);
        Assert.Equal(
            (1, "pending", 5),
            (after.GetProperty("revision").GetInt32(), after.GetProperty("progress").GetString(), after.GetProperty("sections").GetProperty("telemetry").GetProperty("intervalSeconds").GetInt32()));
        Assert.StartsWith("key:fk_", after.GetProperty("issuedBy").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_Faults_AreToldByStatus()
    {
        var device = await _fleet.AddDeviceAsync();
        using var client = await _fleet.KeyClientAsync();
        await PutAsync(client, device, "0", "{}");

        Assert.Equal(HttpStatusCode.PreconditionRequired, (await PutAsync(client, device, null, "{}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(client, device, "\"1\"", "{")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PutAsync(client, device, "\"1\"", new string(' ', 40_000) + "{}")).Status);
        var conflict = await PutAsync(client, device, "\"0\"", "{}");
        Assert.Equal((HttpStatusCode.Conflict, 1), (conflict.Status, conflict.Body.GetProperty("current").GetProperty("revision").GetInt32()));
        Assert.Contains("saved revision 1", conflict.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
        var invalid = await PutAsync(client, device, "\"1\"", """{"eventStore":{"port":0}}""");
        Assert.Equal((HttpStatusCode.BadRequest, "port"), (invalid.Status, invalid.Body.GetProperty("faults")[0].GetProperty("path").GetString()));
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync(client, device with { Id = DeviceId.New(TimeProvider.System) }, "0", "{}")).Status);
    }

    [Theory]
    [InlineData("""{"eventStore":{"apiKey":"a\u0000b"}}""", "NUL")]
    [InlineData("""{"eventStore":{"apiKey":"\ud800"}}""", "surrogate")]
    [InlineData("""{"\ud800":{}}""", "surrogate")]
    public async Task Put_TextThatNoDatabaseKeeps_Is400(string body, string reason)
    {
        using var client = await _fleet.KeyClientAsync();

        var answer = await PutAsync(client, await _fleet.AddDeviceAsync(), "0", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_WithoutRightOrOfAnother_AreRefused()
    {
        var device = await _fleet.AddDeviceAsync();
        var other = await _fleet.AddDeviceAsync("other");
        using var reader = await _fleet.KeyClientAsync(Scopes.DeviceRead);
        using var events = await _fleet.KeyClientAsync(Scopes.VisionEventsRead);
        using var own = _fleet.ClientFor(device.Secret);
        using var nobody = _fleet.ClientFor();

        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(reader, device, "0", "{}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await events.GetAsync(Route(device), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(Route(device), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync(Route(device), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await own.GetAsync(Route(other), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(own, device, "0", "{}")).Status);
        using var tenant = _fleet.ClientFor(await _fleet.MintKeyAsync(await _fleet.AddWorkspaceAsync("tenant")));
        Assert.Equal(HttpStatusCode.NotFound, (await tenant.GetAsync(Route(device), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync(tenant, device, "0", "{}")).Status);
    }

    [Fact]
    public async Task AgentGet_KnownDocument_IsNotSentAgain()
    {
        var device = await _fleet.AddDeviceAsync();
        using var agent = _fleet.ClientFor(device.Secret);
        using var client = await _fleet.KeyClientAsync();

        var first = await agent.GetAsync("/agent/v1/settings", Cancellation);
        var defaults = await ReadAsync(first);
        Assert.Equal((0L, CanonicalJson.Hash(SettingsCatalog.Defaults)), (defaults.Revision, defaults.Hash));
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(agent, first.Headers.ETag!)).StatusCode);

        // The same content as a new revision: the agent must hear of it, or the console would wait for its answer for ever.
        await PutAsync(client, device, "0", "{}");
        var second = await ReadAsync(await GetAsync(agent, first.Headers.ETag!));
        Assert.Equal((1L, defaults.Hash), (second.Revision, second.Hash));
        Assert.Equal("sent", (await client.GetFromJsonAsync<JsonElement>(Route(device), Cancellation)).GetProperty("progress").GetString());
    }

    [Fact]
    public async Task AgentGet_ApiKey_IsRefused()
    {
        using var client = await _fleet.KeyClientAsync();

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/agent/v1/settings", Cancellation)).StatusCode);
    }

    private static string Route(TestDevice device) => $"/api/v1/devices/{device.Id}/settings";

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(HttpClient client, TestDevice device, string? ifMatch, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Route(device)) { Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation));
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient agent, EntityTagHeaderValue known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/agent/v1/settings");
        request.Headers.IfNoneMatch.Add(known);
        return agent.SendAsync(request, Cancellation);
    }

    private static async Task<DesiredSettings> ReadAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync(ContractsJson.Default.DesiredSettings, Cancellation))!;
}
