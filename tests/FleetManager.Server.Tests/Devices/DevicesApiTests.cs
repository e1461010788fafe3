using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Messaging;

namespace FleetManager.Server.Tests.Devices;

/// <summary>The REST side of devices: reports when the broker is blocked, and what scripts see.</summary>
public sealed class DevicesApiTests(SharedFleet shared) : IClassFixture<SharedFleet>
{
    private readonly FleetApplication _fleet = shared.Application;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_ByRest_IsShownAsDegradedWithItsFigures()
    {
        var device = await _fleet.AddDeviceAsync();
        using var agent = _fleet.ClientFor(device.Secret);
        var report = new SyncReport { Epoch = Guid.NewGuid(), Phase = SyncPhase.Uploading, PendingRecords = 12 };

        Assert.Equal(HttpStatusCode.NoContent, await SayAsync(agent, Envelopes.Of(device, Uplink.Sync, 1, 2, report, ContractsJson.Default.EnvelopeSyncReport)));
        Assert.Equal(
            HttpStatusCode.NoContent,
            await SayAsync(agent, Envelopes.Of(device, Uplink.Sync, 1, 1, report with { PendingRecords = 99 }, ContractsJson.Default.EnvelopeSyncReport)));

        var view = await Poll.UntilAsync(() => _fleet.Service<DeviceService>().FindAsync(_fleet.Workspace.Id, device.Id.Value, Cancellation), v => v!.Sync is not null);
        Assert.Equal((12L, SyncPhase.Uploading, PresenceKind.Degraded), (view!.Sync!.PendingRecords, view.Sync.Phase, view.Presence.State));
    }

    [Fact]
    public async Task Settings_WithoutBroker_AreFetchedReportedAndShownAsApplied()
    {
        var device = await _fleet.AddDeviceAsync();
        using var agent = _fleet.ClientFor(device.Secret);
        var settings = _fleet.Service<SettingsService>();
        await settings.SaveAsync(_fleet.Workspace.Id, device.Id.Value, 0, JsonElement.Parse("{}"), "ann", Cancellation);
        var desired = (await agent.GetFromJsonAsync("/agent/v1/settings", ContractsJson.Default.DesiredSettings, Cancellation))!;
        var rejected = new ReportedSettings(
            desired.Revision,
            desired.Hash,
            SettingsState.PartlyApplied,
            new Dictionary<string, SectionReport> { ["eventStore"] = new(SettingsState.Rejected, "apply", "port", "port 8001 is in use", 0) },
            []);

        Assert.Equal(HttpStatusCode.NoContent, await SayAsync(agent, Envelopes.Of(device, Uplink.Settings, 1, 1, rejected, ContractsJson.Default.EnvelopeReportedSettings)));

        var view = await Poll.UntilAsync(() => settings.GetAsync(_fleet.Workspace.Id, device.Id.Value, Cancellation), v => v!.Progress != SettingsProgress.Sent);
        Assert.Equal((SettingsProgress.PartlyApplied, "port"), (view!.Progress, view.Reported!.Sections["eventStore"].Path));
    }

    [Fact]
    public async Task Report_Malformed_IsRefusedWithReason()
    {
        var device = await _fleet.AddDeviceAsync();
        var other = await _fleet.AddDeviceAsync("other");
        using var agent = _fleet.ClientFor(device.Secret);
        using var key = await _fleet.KeyClientAsync();
        var presence = new PresenceReport(PresenceState.Online, "1", null);

        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync(agent, "nonsense"u8.ToArray()));
        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync(agent, """{"type":"unheard-of"}"""u8.ToArray()));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await SayAsync(agent, new byte[17 * 1024]));
        Assert.Equal(HttpStatusCode.BadRequest, await SayAsync(agent, Envelopes.Of(other, Uplink.Presence, 1, 1, presence, ContractsJson.Default.EnvelopePresenceReport)));
        Assert.Equal(HttpStatusCode.Forbidden, await SayAsync(key, Envelopes.Of(device, Uplink.Presence, 1, 1, presence, ContractsJson.Default.EnvelopePresenceReport)));
    }

    [Fact]
    public async Task Devices_Keys_SeeTheirWorkspaceAndADeviceItself()
    {
        var workspace = await _fleet.AddWorkspaceAsync("plant-2");
        var device = await _fleet.AddDeviceAsync("Press");
        var other = await _fleet.AddDeviceAsync("Lathe");
        using var key = await _fleet.KeyClientAsync("device:read");
        using var own = _fleet.ClientFor(device.Secret);
        using var tenant = _fleet.ClientFor(await _fleet.MintKeyAsync(workspace));

        var found = await key.GetFromJsonAsync<JsonElement>("/api/v1/devices?search=press&sort=pending&descending=true", Cancellation);
        Assert.Equal("unknown", found.GetProperty("rows")[0].GetProperty("presence").GetProperty("state").GetString());
        Assert.Equal(1, found.GetProperty("total").GetInt32());
        Assert.Equal(HttpStatusCode.Forbidden, (await own.GetAsync("/api/v1/devices", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync($"/api/v1/devices/{device.Id}", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await key.GetAsync("/api/v1/devices?sort=colour", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await own.GetAsync($"/api/v1/devices/{other.Id}", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync($"/api/v1/devices/{other.Id}", Cancellation)).StatusCode);
        Assert.Equal(0, (await tenant.GetFromJsonAsync<JsonElement>("/api/v1/devices", Cancellation)).GetProperty("total").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await tenant.GetAsync($"/api/v1/devices/{device.Id}", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("skip=abc", "Skip")]
    [InlineData("search=%00", "search")]
    public async Task Devices_QueryThatCanNotBeRead_Is400NamingIt(string query, string named)
    {
        using var client = await _fleet.KeyClientAsync();

        var answer = await client.GetForAnswerAsync("/api/v1/devices?" + query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_RenamedAndRevokedByScript_IsRefusedAfterwards()
    {
        var device = await _fleet.AddDeviceAsync("Old");
        using var key = await _fleet.KeyClientAsync("device:update");
        using var own = _fleet.ClientFor(device.Secret);
        var route = $"/api/v1/devices/{device.Id}";

        Assert.Equal(HttpStatusCode.NoContent, (await key.PatchAsync(route, new StringContent("""{"name":"New"}"""), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await key.PatchAsync(route, new StringContent("""{"name":" "}"""), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await key.PatchAsync(route, new StringContent("new"), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await own.PatchAsync(route, new StringContent("""{"name":"Mine"}"""), Cancellation)).StatusCode);
        Assert.Equal("New", (await _fleet.Service<DeviceService>().FindAsync(_fleet.Workspace.Id, device.Id.Value, Cancellation))!.Name);
        Assert.Equal(HttpStatusCode.Forbidden, (await own.PostAsync($"{route}/revoke", null, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await key.PostAsync($"{route}/revoke", null, Cancellation)).StatusCode);

        // A recognised key is remembered for two seconds at most.
        await Poll.UntilAsync(async () => (await own.GetAsync("/agent/v1/settings", Cancellation)).StatusCode, status => status == HttpStatusCode.Unauthorized);
    }

    private static async Task<HttpStatusCode> SayAsync(HttpClient client, byte[] envelope)
    {
        using var response = await client.PostAsync("/agent/v1/report", new ByteArrayContent(envelope), Cancellation);
        return response.StatusCode;
    }
}
