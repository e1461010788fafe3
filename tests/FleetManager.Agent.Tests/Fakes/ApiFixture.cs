using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FleetManager.Agent.LocalApi;
using FleetManager.Contracts.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>The local API on a port of its own.</summary>
internal sealed class ApiFixture : IAsyncDisposable
{
    private ApiFixture()
    {
        Api = new EventsApi(Stored.Store, Stored.Time, NullLogger.Instance);
        Server = new LocalApiServer(Api, pinnedPort: null, NullLoggerFactory.Instance);
    }

    public EventsApi Api { get; }

    public StoreFixture Stored { get; } = new();

    public LocalApiServer Server { get; }

    public HttpClient Client { get; } = new();

    public EventStoreSettings Settings { get; private set; } = new() { Port = FakeBroker.FreePort(), MinFreeDiskBytes = 0 };

    public static async Task<ApiFixture> StartAsync()
    {
        var fixture = new ApiFixture();
        Assert.Null(await fixture.ApplyAsync(fixture.Settings));
        return fixture;
    }

    public Task<SettingFault?> ApplyAsync(EventStoreSettings settings)
    {
        Settings = settings;
        return Server.ApplyAsync(settings, TestContext.Current.CancellationToken);
    }

    public Uri Url(string path) => new($"http://{Server.Listening}{path}");

    public async Task<(int Status, JsonElement Body)> PostAsync(string json, string path = "/v2/events")
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await Client.PostAsync(Url(path), body, TestContext.Current.CancellationToken);
        Assert.True(answer.Content.Headers.ContentType?.MediaType == "application/json", $"{(int)answer.StatusCode} without a word to POST {path} {json}");
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(Url(path), TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    public async Task<(int Status, JsonElement Body)> DeleteAsync(string path)
    {
        using var answer = await Client.DeleteAsync(Url(path), TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>Stores an event of the device's dialect, with more members; returns its id.</summary>
    public async Task<string> CreateAsync(string more = "", string type = "custom", string data = "{}", string at = "2026-03-30T14:30:00Z")
    {
        var (status, body) = await PostAsync(
            $$"""{"event_schema":"{{type}}","event_data":{{data}},"inference_timestamp":"{{at}}"{{(more.Length > 0 ? "," + more : "")}}}""");
        Assert.True(status == 201, body.ToString());
        return body.GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        Api.Dispose();
        await Stored.DisposeAsync();
    }
}
