using System.Buffers;
using System.Text.Json;

namespace FleetManager.Data;

/// <summary>JSON that this program writes for itself to search in.</summary>
public static class JsonText
{
    /// <summary>
    /// <c>["a","b"]</c>. Quotes inside a text are escaped as <c>\u0022</c>, so that <see cref="Quote"/> of a text is found in the array
    /// as a substring exactly when the array has that element.
    /// </summary>
    public static string ArrayOf(IEnumerable<string> texts) => $"[{string.Join(',', texts.Select(Quote))}]";

    /// <summary>A text as it stands in <see cref="ArrayOf"/>.</summary>
    public static string Quote(string text) =>
        text.AsSpan().ContainsAnyExcept(s_plain) ? $"\"{JsonEncodedText.Encode(text)}\"" : $"\"{text}\"";

    private static readonly SearchValues<char> s_plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.:/");
}
