using System.Buffers;
using System.Text.Json;

namespace FleetManager.Data;

/// <summary>JSON that this program writes for itself to search in.</summary>
public static class JsonText
{
    /// <summary><c>["a","b"]</c>.</summary>
    public static string ArrayOf(IEnumerable<string> texts) => $"[{string.Join(',', texts.Select(Quote))}]";

    /// <summary>One object of two; a member that both have is there twice, and the last one counts (<see cref="JsonCondition"/>).</summary>
    public static string Merge(string first, string last)
    {
        var (start, end) = (first.Trim()[1..^1].Trim(), last.Trim()[1..^1].Trim());
        return $"{{{start}{(start.Length == 0 || end.Length == 0 ? "" : ",")}{end}}}";
    }

    /// <summary>A text in quotes.</summary>
    public static string Quote(string text) =>
        text.AsSpan().ContainsAnyExcept(s_plain) ? $"\"{JsonEncodedText.Encode(text)}\"" : $"\"{text}\"";

    private static readonly SearchValues<char> s_plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.:/");
}
