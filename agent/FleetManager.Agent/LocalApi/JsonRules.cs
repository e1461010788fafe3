using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>Checks of single values. Each returns what is wrong, with the path, or null.</summary>
internal static partial class JsonRules
{
    /// <summary>A text, or null where nothing was sent.</summary>
    public static EventFault? Text(JsonElement value, string path, int maxLength, out string? text)
    {
        text = null;
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return EventFault.Invalid(path, "must be a string");
        }

        if (!TryRead(value, out text))
        {
            return EventFault.Invalid(path, "holds a character that is not allowed (NUL or half a surrogate pair)");
        }

        return text.Length > maxLength ? EventFault.Invalid(path, $"must be at most {maxLength} characters") : null;
    }

    /// <summary>
    /// Flat metadata (vision-events.md 4): texts, numbers and booleans under short keys. What is nested or null is for the server to judge, where it
    /// is not strict.
    /// </summary>
    public static EventFault? Metadata(JsonElement value, string path, bool isStrict = true)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return EventFault.Invalid(path, "must be an object");
        }

        if (value.GetPropertyCount() > EventLimits.MetadataKeys)
        {
            return EventFault.Invalid(path, $"must have at most {EventLimits.MetadataKeys} keys");
        }

        foreach (var member in value.EnumerateObject())
        {
            if (!TryReadName(member, out var name) || name.Length > EventLimits.MetadataKeyLength || !MetadataKey().IsMatch(name))
            {
                return EventFault.Invalid(path, $"has a key that is not 1 to {EventLimits.MetadataKeyLength} letters, digits, spaces, '_' or '-'");
            }

            var fault = member.Value.ValueKind switch
            {
                JsonValueKind.String => Text(member.Value, $"{path}.{name}", EventLimits.MetadataValueLength, out _),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => null,
                _ when !isStrict => Clean(member.Value, $"{path}.{name}"),
                _ => EventFault.Invalid($"{path}.{name}", "must be a string, a number or a boolean"),
            };
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Texts anywhere below that no database would take.</summary>
    public static EventFault? Clean(JsonElement value, string path) => IsClean(value) ? null : FindUnclean(value, path);

    // Paths are made for faults only: most events have none.
    private static bool IsClean(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return TryRead(value, out _);
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (!IsClean(item))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (!TryReadName(member, out _) || !IsClean(member.Value))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }

    private static EventFault? FindUnclean(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                return value.EnumerateArray().Select((item, i) => FindUnclean(item, At(path, i))).FirstOrDefault(f => f is not null);
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (!TryReadName(member, out var name))
                    {
                        return EventFault.Invalid(path, "has a key with a character that is not allowed (NUL or half a surrogate pair)");
                    }

                    if (FindUnclean(member.Value, $"{path}.{name}") is { } fault)
                    {
                        return fault;
                    }
                }

                return null;
            default:
                return IsClean(value) ? null : EventFault.Invalid(path, "holds a character that is not allowed (NUL or half a surrogate pair)");
        }
    }

    public static string At(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    // The reader takes "\ud800" for text and throws only when it is asked for it.
    private static bool TryRead(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString()!;
            return !text.Contains('\0');
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>The name of a member; false when it holds what no database would take.</summary>
    public static bool TryReadName(JsonProperty member, out string name)
    {
        try
        {
            name = member.Name;
            return !name.Contains('\0');
        }
        catch (InvalidOperationException)
        {
            name = "";
            return false;
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9_ -]+$", RegexOptions.CultureInvariant)]
    private static partial Regex MetadataKey();
}
