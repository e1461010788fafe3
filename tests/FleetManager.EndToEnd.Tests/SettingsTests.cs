using System.Text.Json.Nodes;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>Settings travel to a real agent, which says what became of each section.</summary>
public sealed class SettingsTests : IAsyncLifetime
{
    private readonly TestFleet _fleet = new();
    private string _device = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _fleet.StartAsync(Cancellation);
        _device = await _fleet.Api.DeviceIdAsync(TestFleet.DeviceName, Cancellation);
    }

    public async ValueTask DisposeAsync() => await _fleet.DisposeAsync();

    [Fact]
    public async Task Save_GoodThenRefusedByTheDevice_KeepsTheLastGoodSection()
    {
        Assert.Equal("applied", await SaveAsync(0, s => s["eventStore"]!["retentionDays"] = 3));

        // An address that no host of a real network has: only the device can tell that it is not its own.
        Assert.Equal("partlyApplied", await SaveAsync(1, s =>
        {
            s["eventStore"]!["bindAddress"] = "192.0.2.1";
            s["eventStore"]!["apiKey"] = "a key of the line";
            s["visionEventsBackup"]!["batchSize"] = 7;
        }));
        var sections = (await _fleet.Api.SettingsAsync(_device, Cancellation))["reported"]!["sections"]!;
        Assert.Equal("rejected", (string?)sections["eventStore"]!["state"]);
        Assert.Contains("bindAddress", (string)sections["eventStore"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(1, (long)sections["eventStore"]!["effectiveRevision"]!);
        Assert.Equal("applied", (string?)sections["visionEventsBackup"]!["state"]);

        // The store goes on where it was.
        using var http = new HttpClient();
        Assert.True((await http.GetAsync(new Uri(_fleet.Agent.Store, "health"), Cancellation)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Save_OutOfRange_IsRefusedWithTheRange()
    {
        var (status, body) = await _fleet.Api.SaveSettingsAsync(
            _device, 0, new JsonObject { ["visionEventsBackup"] = new JsonObject { ["batchSize"] = 101 } }, Cancellation);

        Assert.Equal(400, status);
        Assert.Contains("batchSize must be a whole number from 1 to 100", (string)body["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_OnAStaleRevision_IsAConflict()
    {
        await SaveAsync(0, s => s["eventStore"]!["retentionDays"] = 3);

        var (status, body) = await _fleet.Api.SaveSettingsAsync(_device, 0, new JsonObject { ["eventStore"] = new JsonObject { ["retentionDays"] = 9 } }, Cancellation);

        Assert.Equal(409, status);
        Assert.Contains("revision 1", (string)body["error"]!, StringComparison.Ordinal);
        Assert.Equal(3, (int)body["current"]!["sections"]!["eventStore"]!["retentionDays"]!);
    }

    [Fact]
    public async Task Save_AgentStopped_IsAppliedWhenItIsBack()
    {
        await _fleet.Agent.StopAsync(Cancellation);
        Assert.Equal("pending", await SaveAsync(0, s => s["logging"]!["level"] = "warning", until: "pending"));

        await _fleet.Agent.StartAsync(Cancellation);

        Assert.Equal("applied", await ProgressAsync("applied"));
    }

    private async Task<string> SaveAsync(long basedOn, Action<JsonNode> change, string? until = null)
    {
        var sections = (await _fleet.Api.SettingsAsync(_device, Cancellation))["sections"]!.DeepClone();
        change(sections);
        var (status, body) = await _fleet.Api.SaveSettingsAsync(_device, basedOn, sections, Cancellation);
        Assert.True(status == 200, $"{status} {body}");
        return await ProgressAsync(until is null ? ["applied", "partlyApplied", "rejected"] : [until]);
    }

    private Task<string> ProgressAsync(params string[] wanted) => Poll.ForAsync(
        async () => (string?)(await _fleet.Api.SettingsAsync(_device, Cancellation))["progress"] is { } p && wanted.Contains(p) ? p : null,
        () => string.Join(" or ", wanted) + _fleet.Agent.Output,
        Cancellation);
}
