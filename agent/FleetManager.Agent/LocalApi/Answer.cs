using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FleetManager.Agent.LocalApi;

/// <summary>Writes the bodies of the local API.</summary>
internal static class Answer
{
    private const int Status529 = 529;
    private const string WhenThereIsRoom = "5";

    /// <summary>An error as the reference says it: <c>{"detail":"…"}</c> on the device, <c>{"error":"…"}</c> in the cloud.</summary>
    public static Task FaultAsync(HttpContext context, EventFault fault)
    {
        if (fault.RetryAfter is { } pause)
        {
            context.Response.Headers.RetryAfter = pause.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        }

        // The cloud says 400 where the device says 422.
        var isCloud = CloudApi.Owns(context.Request.Path);
        var status = isCloud && fault.Status == StatusCodes.Status422UnprocessableEntity ? StatusCodes.Status400BadRequest : fault.Status;
        return JsonAsync(context, status, json => json.WriteString(isCloud ? "error" : "detail", fault.Detail));
    }

    public static Task FaultAsync(HttpContext context, int status, string detail) => FaultAsync(context, new EventFault(status, detail));

    /// <summary>529 with the reference's body.</summary>
    public static Task FullAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = WhenThereIsRoom;
        return JsonAsync(context, Status529, static json =>
        {
            json.WriteString("detail", "Device storage full. Waiting for cloud uploads to complete.");
            json.WriteString("error", "capacity_blocked");
        });
    }

    /// <summary><c>{"id":"…"}</c>, in one piece: it is the answer to every event.</summary>
    public static Task IdAsync(HttpContext context, int status, string id)
    {
        var body = Encoding.UTF8.GetBytes($"{{\"id\":\"{JsonEncodedText.Encode(id)}\"}}");
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        context.Response.StatusCode = status;
        return ObjectAsync(context, json =>
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        });
    }

    public static async Task ObjectAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        write(json);
        await json.FlushAsync(context.RequestAborted);
    }
}
