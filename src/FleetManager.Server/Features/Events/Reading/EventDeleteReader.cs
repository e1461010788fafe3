using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads <c>{"useCaseId","eventIds":[…]}</c>.</summary>
internal static class EventDeleteReader
{
    /// <summary>What is to be deleted, or the fault.</summary>
    public static (string UseCaseId, List<string> EventIds)? Read(ReadOnlySpan<byte> body, out EventFault? fault)
    {
        string? useCase = null;
        List<string>? ids = null;
        fault = BodyReader.Guard(body, (ref Utf8JsonReader json, ReadOnlySpan<byte> _) =>
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                throw new EventFaultException("", "The body must be a JSON object with 'useCaseId' and 'eventIds'.");
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonValues.Unescape(ref json, "");
                json.Read();
                switch (name)
                {
                    case "useCaseId":
                        useCase = JsonValues.OptionalText(ref json, name, EventLimits.IdLength);
                        break;
                    case "eventIds":
                        ids = JsonValues.Items(
                            ref json, name, "ids", EventDeleteService.MaxIds, (ref Utf8JsonReader id, string at) => JsonValues.Text(ref id, at, EventLimits.IdLength));
                        break;
                    default:
                        json.Skip();
                        break;
                }
            }
        });
        fault ??= (useCase, ids) switch
        {
            (null, _) => new EventFault(EventFaultCodes.UseCaseMissing, "useCaseId", "is missing: name the use case whose events are to be deleted."),
            (_, null) => new EventFault(EventFaultCodes.Invalid, "eventIds", "is missing: send {\"useCaseId\":\"…\",\"eventIds\":[…]}."),
            _ => null,
        };
        return fault is null ? (useCase!, ids!) : null;
    }
}
