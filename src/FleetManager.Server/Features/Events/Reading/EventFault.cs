using System.Text.Json;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>What is wrong with an event that was sent, and whether a person or only time can mend it.</summary>
/// <param name="Code">For programs, one of <see cref="EventFaultCodes"/>.</param>
/// <param name="Path">Where in the event, such as <c>images[0].sourceId</c>; empty for the event itself.</param>
/// <param name="Message">What is wrong and what to do, one sentence.</param>
internal sealed record EventFault(string Code, string Path, string Message)
{
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";

    /// <summary>The same fault of one event of a batch.</summary>
    public EventFault InBatch(int index) => this with { Path = Path.Length == 0 ? $"events[{index}]" : $"events[{index}].{Path}" };
}

/// <summary>Codes of refused items (design 5.4). All of them are permanent: the same item can not succeed unless somebody changes something.</summary>
internal static class EventFaultCodes
{
    public const string Invalid = "invalid";
    public const string UseCaseMissing = "use_case_missing";
    public const string UseCaseUnknown = "use_case_unknown";
    public const string UseCaseArchived = "use_case_archived";
    public const string EventIdTaken = "event_id_taken";
}

/// <summary>Carries a fault from deep inside a body to the reader of that body, and never further.</summary>
internal sealed class EventFaultException(scoped JsonPath path, string message) : Exception(message)
{
    public EventFault Fault { get; } = new(EventFaultCodes.Invalid, path.ToString(), message);

    public static EventFaultException WrongType(scoped JsonPath path, string expected, JsonTokenType found) =>
        new(path, $"must be {expected}, but is {Name(found)}.");

    private static string Name(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => "not there",
    };
}
