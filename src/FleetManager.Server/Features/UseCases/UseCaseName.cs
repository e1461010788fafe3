using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace FleetManager.Server.Features.UseCases;

/// <summary>The rules of names, and the id that is made of the first one (decision 4).</summary>
internal static class UseCaseName
{
    public const int MaxLength = 256;
    private const int MaxIdLength = 64;

    /// <summary>Names without Latin letters share slugs, a bare number say: so many are told apart by counting.</summary>
    private const int MaxCounted = 9;

    /// <summary>Trims a name; false with the reason when it can not be one.</summary>
    public static bool TryClean(string? text, out string name, [NotNullWhen(false)] out string? fault)
    {
        name = text?.Trim() ?? "";
        fault = name switch
        {
            "" => "The name of a use case is missing: send 1 to 256 characters in 'name'.",
            { Length: > MaxLength } => $"The name of a use case has at most {MaxLength} characters; this one has {name.Length}.",
            _ when !IsText(name) => "The name of a use case can not hold control characters.",
            _ => null,
        };
        return fault is null;
    }

    /// <summary>What two names are compared by.</summary>
    public static string KeyOf(string name) => name.ToLowerInvariant();

    /// <summary>URL-safe form of a name: <c>Assembly line QA</c> becomes <c>assembly-line-qa</c>. Random when no letter or digit of it is ASCII.</summary>
    public static string SlugOf(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(char.ToLowerInvariant(c));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString(0, Math.Min(slug.Length, MaxIdLength)).Trim('-');
        return text.Length > 0 ? text : RandomNumberGenerator.GetHexString(12, lowercase: true);
    }

    /// <summary>The slug itself first, then <c>slug-2</c> to <c>slug-9</c>, then one with a random end that nobody has; never longer than an id may be.</summary>
    public static string Candidate(string slug, int attempt)
    {
        if (attempt <= 1)
        {
            return slug;
        }

        var suffix = attempt <= MaxCounted ? $"-{attempt}" : $"-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        return slug[..Math.Min(slug.Length, MaxIdLength - suffix.Length)].TrimEnd('-') + suffix;
    }

    private static bool IsText(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]) || (char.IsSurrogate(name[i]) && !char.IsSurrogatePair(name, i)))
            {
                return false;
            }

            i += char.IsHighSurrogate(name[i]) ? 1 : 0;
        }

        return true;
    }
}
