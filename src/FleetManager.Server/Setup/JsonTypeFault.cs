using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Setup;

/// <summary>Says of JSON that does not fit a contract which field is wrong and what it must be, in the words of JSON: a caller knows none of our types.</summary>
internal static partial class JsonTypeFault
{
    private const string Root = "$.";

    public static string Describe(Exception fault, ReadOnlySpan<byte> body, JsonTypeInfo type)
    {
        var broken = Unkeepable(body);
        var at = (fault as JsonException)?.Path ?? "$";
        if (broken is not null)
        {
            return (at.Length > Root.Length ? broken with { Path = at[Root.Length..] } : broken).ToString();
        }

        var (path, wrong) = Follow(at, type);
        return path.Length == 0 ? $"The body {wrong}." : $"{path}: {wrong}.";
    }

    /// <summary>What no database could keep, wherever it stands: NUL, half surrogate pairs, numbers beyond a double. Or that it is no JSON. Null when it is fine.</summary>
    public static EventFault? Unkeepable(ReadOnlySpan<byte> body) => BodyReader.Guard(body, static (ref Utf8JsonReader json, ReadOnlySpan<byte> _) =>
    {
        json.Read();
        JsonValues.Check(ref json, "body");
    });

    /// <summary>The path without its root, and what is wrong there.</summary>
    private static (string Path, string Wrong) Follow(string path, JsonTypeInfo type)
    {
        path = path[1..].TrimStart('.');
        var at = type;
        foreach (Match step in Step().Matches("." + path))
        {
            var next = step.Groups["name"].Success && at.Kind == JsonTypeInfoKind.Object
                ? at.Properties.FirstOrDefault(p => string.Equals(p.Name, step.Groups["name"].Value, StringComparison.OrdinalIgnoreCase))?.PropertyType
                : at.ElementType;
            if (next is null)
            {
                return (path, at.Kind == JsonTypeInfoKind.Object
                    ? $"is no field here; the fields are {string.Join(", ", at.Properties.Select(p => p.Name))}"
                    : "must be what the contract says");
            }

            at = at.Options.GetTypeInfo(next);
        }

        return (path, "must be " + NameOf(at));
    }

    private static string NameOf(JsonTypeInfo info)
    {
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        return info.Kind switch
        {
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            JsonTypeInfoKind.Enumerable => "an array",
            _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetValues(type).Cast<object>().Select(v => WordOf(v, info))),
            _ when type == typeof(string) => "a string",
            _ when type == typeof(bool) => "a boolean",
            _ when type == typeof(int) => "a whole number of at most 32 bits",
            _ when type == typeof(long) => "a whole number of at most 64 bits",
            _ when type == typeof(double) => "a number",
            _ when type == typeof(Guid) => "a UUID",
            _ when type == typeof(DateTimeOffset) => "an ISO 8601 time",
            _ => "what the contract says",
        };
    }

    private static string WordOf(object value, JsonTypeInfo info) => JsonSerializer.Serialize(value, info.Options.GetTypeInfo(info.Type)).Trim('"');

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<name>[^']*)'\]|\[\d+\]")]
    private static partial Regex Step();
}
