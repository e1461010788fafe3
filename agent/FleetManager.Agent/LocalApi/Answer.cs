using System.Text.Json;

namespace FleetManager.Agent.LocalApi;

/// <summary>Writes the bodies of the local API.</summary>
internal static class Answer
{
    /// <summary>An error as the reference says it: <c>{"detail":"…"}</c>.</summary>
    public static Task DetailAsync(HttpContext context, int status, string detail) =>
        JsonAsync(context, status, json => json.WriteString("detail", detail));

    public static async Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }
}
