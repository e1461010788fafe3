using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Recorded;

/// <summary>
/// Sends requests as a real client sent them: order and case of the headers, blanks in the JSON, boundaries and all. Only what must differ from day to day
/// stands in double braces; an answer may name such words too, and those not known yet are learnt from it.
/// </summary>
internal sealed partial class Recording(FleetApplication fleet, Dictionary<string, string> words)
{
    private const string Wildcard = "…";

    /// <summary>On a connection of its own, as clients without a session do.</summary>
    public async Task<RawAnswer> SendAsync(string name)
    {
        using var connection = await RawConnection.OpenAsync(fleet);
        await connection.SendAsync(Request(name));
        return await connection.ReadAsync();
    }

    /// <summary>Whether the text is what the pattern says, to the last character; <c>…</c> stands for anything.</summary>
    public void Match(string name, string pattern, string text)
    {
        var learnt = new HashSet<string>();
        var expression = Word().Replace(
            Regex.Escape(pattern).Replace("\\{\\{", "{{", StringComparison.Ordinal).Replace(Wildcard, ".*", StringComparison.Ordinal),
            word => word.Groups[1].Value is var key && words.TryGetValue(key, out var known) ? Regex.Escape(known)
                : learnt.Add(key) ? $"(?<{key}>[^\"]+)"
                : $"\\k<{key}>");
        var match = Regex.Match(text, $"^{expression}$", RegexOptions.Singleline | RegexOptions.ExplicitCapture);
        Assert.True(match.Success, $"{name} was answered{Environment.NewLine}{text}{Environment.NewLine}and not{Environment.NewLine}{pattern}");
        foreach (Group group in match.Groups.Values.Where(g => g.Name != "0"))
        {
            words[group.Name] = group.Value;
        }
    }

    private byte[] Request(string name)
    {
        using var file = new StreamReader(typeof(Recording).Assembly.GetManifestResourceStream($"Recorded/{name}.http")!);

        // Files end their lines as the repository does; the wire ends them its own way.
        var text = file.ReadToEnd().Replace("\n", "\r\n", StringComparison.Ordinal);
        var start = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        words["length"] = "";
        var body = Fill(text[start..]);
        words["length"] = body.Length.ToString(CultureInfo.InvariantCulture);
        return Encoding.Latin1.GetBytes(Fill(text[..start]) + body);
    }

    private string Fill(string text) => Word().Replace(text, word => words[word.Groups[1].Value]);

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Word();
}
