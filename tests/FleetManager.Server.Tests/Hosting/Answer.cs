using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Status and body of an answer.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>The text of <c>{"error":"…"}</c>, which must be the whole body.</summary>
    public string Error
    {
        get
        {
            var body = Assert.IsType<JsonObject>(Json);
            Assert.Equal(["error"], body.Select(p => p.Key));
            return (string)body["error"]!;
        }
    }
}

internal static class AnswerExtensions
{
    public static Task<Answer> PostJsonAsync(this HttpClient client, string path, string json) =>
        client.PostForAnswerAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    public static Task<Answer> PostForAnswerAsync(this HttpClient client, string path, HttpContent? content) =>
        client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content });

    public static Task<Answer> PutJsonAsync(this HttpClient client, string path, string json) =>
        client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") });

    public static Task<Answer> PatchJsonAsync(this HttpClient client, string path, string json) =>
        client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Patch, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") });

    public static Task<Answer> GetForAnswerAsync(this HttpClient client, string path) =>
        client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public static async Task<Answer> SendForAnswerAsync(this HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers);
        }
    }
}
