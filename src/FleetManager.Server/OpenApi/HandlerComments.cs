using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace FleetManager.Server.OpenApi;

/// <summary>
/// The XML comments of route handlers, from the file that the compiler writes beside the program. The framework reads those of types and their
/// members by itself, but not of private methods, which handlers are.
/// </summary>
internal static partial class HandlerComments
{
    private static readonly Lazy<Dictionary<string, XElement>> s_members = new(Read);

    /// <summary>The summary of a handler as Markdown; null when it has none.</summary>
    public static string? Of(MethodInfo handler)
    {
        // Handlers of one class have names of their own, so the types of their parameters need not be spelled.
        var name = $"M:{handler.DeclaringType?.FullName?.Replace('+', '.')}.{handler.Name}";
        var member = s_members.Value.FirstOrDefault(m => m.Key == name || m.Key.StartsWith(name + "(", StringComparison.Ordinal)).Value;
        if (member?.Element("inheritdoc")?.Attribute("cref")?.Value is { } other)
        {
            member = s_members.Value.GetValueOrDefault(other);
        }

        return member?.Element("summary") is { } summary ? Text(summary) : null;
    }

    /// <summary>Without the pointers into documents that a reader of the API does not have.</summary>
    public static string? Public(string? text) => text is null ? null : Pointer().Replace(text, "");

    private static string Text(XElement element)
    {
        var words = string.Concat(element.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement reference => $"`{(reference.Attribute("name") ?? reference.Attribute("cref"))?.Value.Split('.')[^1]}`",
            _ => "",
        }));
        return Public(Blanks().Replace(words, " ").Trim())!;
    }

    private static Dictionary<string, XElement> Read()
    {
        var path = Path.ChangeExtension(typeof(HandlerComments).Assembly.Location, ".xml");
        return File.Exists(path)
            ? XDocument.Load(path).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, StringComparer.Ordinal)
            : [];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\s*\((?:vision-events\.md|design)[^)]*\)")]
    private static partial Regex Pointer();
}
