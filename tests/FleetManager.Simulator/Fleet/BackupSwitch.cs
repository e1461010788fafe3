using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace FleetManager.Simulator.Fleet;

/// <summary>Switches the backup of devices on, as an operator does in the console.</summary>
internal sealed class BackupSwitch : IDisposable
{
    private readonly HttpClient _http;

    public BackupSwitch(Uri server, string apiKey)
    {
        _http = new HttpClient { BaseAddress = server };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public async Task TurnOnAsync(string deviceId, CancellationToken cancellation)
    {
        var route = new Uri($"api/v1/devices/{deviceId}/settings", UriKind.Relative);
        using var read = await _http.GetAsync(route, cancellation);
        var settings = await ReadAsync(read, cancellation);
        var sections = settings["sections"]!;
        sections["visionEventsBackup"]!["enabled"] = true;
        using var change = new HttpRequestMessage(HttpMethod.Put, route) { Content = new StringContent(sections.ToJsonString(), Encoding.UTF8, "application/json") };
        change.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{(long)settings["revision"]!}\""));
        using var written = await _http.SendAsync(change, cancellation);
        await ReadAsync(written, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new SimulatorException($"the server does not let the backup be switched on: {(int)answer.StatusCode} {text}. Use an API key that may change settings");
    }
}
