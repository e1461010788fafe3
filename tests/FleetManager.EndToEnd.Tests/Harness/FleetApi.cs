using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>The Vision Events API as its clients call it.</summary>
internal sealed class FleetApi : IDisposable
{
    private readonly HttpClient _http;

    public FleetApi(Uri address, string key)
    {
        Key = key;
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public string Key { get; }

    public async Task<string> WorkspaceAsync(CancellationToken cancellation) =>
        (string)(await PostAsync("", "", cancellation))["workspace"]!;

    /// <summary>Creates a use case and gives its id.</summary>
    public async Task<string> CreateUseCaseAsync(string name, CancellationToken cancellation) =>
        (string)(await PostAsync("vision-events/use-cases", new JsonObject { ["name"] = name }.ToJsonString(), cancellation))["id"]!;

    public Task CreateEventAsync(string useCaseId, CancellationToken cancellation) =>
        CreateEventAsync(new JsonObject { ["eventType"] = "custom", ["useCaseId"] = useCaseId }, cancellation);

    public Task CreateEventAsync(JsonObject body, CancellationToken cancellation) => PostAsync("vision-events", body.ToJsonString(), cancellation);

    public async Task<IReadOnlyList<JsonNode>> UseCasesAsync(CancellationToken cancellation)
    {
        using var answer = await _http.GetAsync(new Uri("vision-events/use-cases", UriKind.Relative), cancellation);
        return [.. (await ReadAsync(answer, cancellation))["useCases"]!.AsArray().Select(u => u!)];
    }

    public async Task<string> DeviceIdAsync(string name, CancellationToken cancellation)
    {
        using var answer = await _http.GetAsync(new Uri("api/v1/devices?search=" + name, UriKind.Relative), cancellation);
        return (string)(await ReadAsync(answer, cancellation))["rows"]!.AsArray().Single()!["deviceId"]!;
    }

    public async Task<JsonNode> SettingsAsync(string deviceId, CancellationToken cancellation)
    {
        using var answer = await _http.GetAsync(SettingsOf(deviceId), cancellation);
        return await ReadAsync(answer, cancellation);
    }

    /// <summary>Saves a document of sections over the revision it is based on, and gives the answer whatever it is.</summary>
    public async Task<(int Status, JsonNode Body)> SaveSettingsAsync(string deviceId, long basedOn, JsonNode sections, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, SettingsOf(deviceId));
        request.Content = new StringContent(sections.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{basedOn}\""));
        using var answer = await _http.SendAsync(request, cancellation);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation))!);
    }

    /// <summary>Every event of a use case, page by page; an event that the server shows twice is there twice.</summary>
    public async Task<IReadOnlyList<JsonNode>> QueryAllAsync(string useCaseId, CancellationToken cancellation)
    {
        var events = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var body = new JsonObject { ["useCaseId"] = useCaseId, ["limit"] = 1000 };
            if (cursor is not null)
            {
                body["cursor"] = cursor;
            }

            var page = await PostAsync("vision-events/query", body.ToJsonString(), cancellation);
            events.AddRange(page["events"]!.AsArray().Select(e => e!));
            cursor = (bool)page["hasMore"]! ? (string?)page["nextCursor"] : null;
        }
        while (cursor is not null);
        return events;
    }

    public void Dispose() => _http.Dispose();

    private static Uri SettingsOf(string deviceId) => new($"api/v1/devices/{deviceId}/settings", UriKind.Relative);

    private async Task<JsonNode> PostAsync(string path, string json, CancellationToken cancellation)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content, cancellation);
        return await ReadAsync(answer, cancellation);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri} said {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
