using System.Text.Json;

namespace FleetManager.Agent.LocalApi;

/// <summary>
/// The members of an object that a producer sent. Producers of the reference mix <c>event_schema</c> with <c>displayImagePosition</c>, so a key is
/// found in either spelling; null counts as not sent.
/// </summary>
internal sealed class EventMembers
{
    // Nobody needs so many, and names could be chosen to collide.
    private const int MaxMembers = 1000;

    private readonly Dictionary<string, (string Name, JsonElement Value)> _members = new(AnySpelling.Comparer);
    private readonly string _path;

    public EventMembers(JsonElement value, string path)
    {
        _path = path;
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault = EventFault.Invalid(path.Length == 0 ? "the body" : path, "must be a JSON object");
            return;
        }

        if (value.GetPropertyCount() > MaxMembers)
        {
            Fault = EventFault.Invalid(path.Length == 0 ? "the body" : path, $"must have at most {MaxMembers} members");
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (!JsonRules.TryReadName(member, out var name))
            {
                Fault = EventFault.Invalid(path.Length == 0 ? "the body" : path, "has a key with a character that is not allowed");
            }
            else if (member.Value.ValueKind != JsonValueKind.Null && !_members.TryAdd(name, (name, member.Value)))
            {
                Fault = EventFault.Invalid(PathOf(name), "is there twice, in two spellings");
            }
        }
    }

    public EventFault? Fault { get; }

    public string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    public bool TryGet(string key, out JsonElement value)
    {
        var isThere = _members.TryGetValue(key, out var member);
        value = member.Value;
        return isThere;
    }

    /// <summary>The members that are none of these, under the names that they came with.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Others(HashSet<string> names) => _members.Where(m => !names.Contains(m.Key)).Select(m => m.Value);

    /// <summary>Names in the form in which they are compared.</summary>
    public static HashSet<string> Names(IEnumerable<string> keys) => keys.ToHashSet(AnySpelling.Comparer);

    /// <summary>A text; null when it was not sent.</summary>
    public EventFault? Text(string key, int maxLength, out string? text)
    {
        text = null;
        return TryGet(key, out var value) ? JsonRules.Text(value, PathOf(key), maxLength, out text) : null;
    }
}
