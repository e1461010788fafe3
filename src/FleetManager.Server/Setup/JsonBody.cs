using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FleetManager.Server.Setup;

/// <summary>Reads small JSON bodies with a bound, so that no route holds more than it said it would.</summary>
internal static class JsonBody
{
    /// <summary>Lets a body in whatever type it is declared as: it is read as JSON, and a fault gets an answer in words.</summary>
    public const string AnyType = "*/*";

    /// <summary>The bytes, or null when there are more than <paramref name="maxBytes"/>.</summary>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        var buffer = new byte[maxBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > maxBytes ? null : buffer[..length];
    }

    /// <summary>The value, or why there is none.</summary>
    public static async Task<(T? Value, string? Error)> ReadAsync<T>(
        HttpRequest request,
        JsonTypeInfo<T> type,
        int maxBytes,
        CancellationToken cancellationToken)
        where T : class
    {
        if (await ReadAsync(request, maxBytes, cancellationToken) is not { } body)
        {
            return (null, $"The body has more than {maxBytes} bytes.");
        }

        try
        {
            return JsonSerializer.Deserialize(body, type) is { } value ? (value, null) : (null, "The body must be a JSON object.");
        }
        catch (JsonException fault)
        {
            return (null, $"The body is not what this route takes: {fault.Message}");
        }
    }
}
