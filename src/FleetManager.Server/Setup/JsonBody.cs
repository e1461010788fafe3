using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Server.Features.Events.Ingest;

namespace FleetManager.Server.Setup;

/// <summary>Reads small JSON bodies with a bound, so that no route holds more than it said it would.</summary>
internal static class JsonBody
{
    /// <summary>Lets a body in whatever type it is declared as: it is read as JSON, and a fault gets an answer in words.</summary>
    public const string AnyType = "*/*";

    /// <summary>The bytes; 413 when there are more than <paramref name="maxBytes"/>.</summary>
    public static async Task<byte[]> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        var budget = request.HttpContext.RequestServices.GetRequiredService<IngestBudget>();
        using var body = await RequestBody.ReadAsync(request, maxBytes, budget, cancellationToken);
        return body.Bytes.ToArray();
    }

    /// <summary>The value, or why there is none.</summary>
    public static async Task<(T? Value, string? Error)> ReadAsync<T>(
        HttpRequest request,
        JsonTypeInfo<T> type,
        int maxBytes,
        CancellationToken cancellationToken)
        where T : class
    {
        var body = await ReadAsync(request, maxBytes, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(body, type) is { } value ? (value, null) : (null, "The body must be a JSON object.");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return (null, JsonTypeFault.Describe(fault, body, type));
        }
    }
}
