using System.Text.Json;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Says where JSON is broken, in lines and positions that an editor shows.</summary>
internal static class JsonFault
{
    public static EventFault Of(JsonException fault)
    {
        var reason = fault.Message;
        var cut = reason.IndexOf(" LineNumber:", StringComparison.Ordinal);
        reason = (cut < 0 ? reason : reason[..cut]).TrimEnd('.');
        return new EventFault(
            EventFaultCodes.Invalid,
            "",
            $"The body is not valid JSON, line {fault.LineNumber + 1}, position {fault.BytePositionInLine + 1}: {reason}.");
    }
}
