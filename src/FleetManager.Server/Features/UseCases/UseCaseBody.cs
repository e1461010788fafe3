using System.Text.Json;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.UseCases;

/// <summary>Reads <c>{"name":"…"}</c>.</summary>
internal static class UseCaseBody
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The name as it was sent, null when there is none, or what is wrong with the body.</summary>
    public static async Task<(string? Name, string? Fault)> ReadNameAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var budget = request.HttpContext.RequestServices.GetRequiredService<IngestBudget>();
        using var body = await RequestBody.ReadAsync(request, MaxBytes, budget, cancellationToken);
        string? name = null;
        var fault = BodyReader.Guard(body.Bytes, (ref Utf8JsonReader json, ReadOnlySpan<byte> _) =>
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                throw new EventFaultException("", "The body must be a JSON object with 'name'.");
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isName = JsonValues.Is(ref json, "name"u8);
                json.Read();
                if (isName)
                {
                    name = JsonValues.OptionalText(ref json, "name", MaxBytes);
                }
                else
                {
                    json.Skip();
                }
            }
        });
        return (name, fault?.ToString());
    }
}
