namespace FleetManager.Agent.LocalApi;

/// <summary>Names are the same in camelCase and in snake_case. Nothing is made to compare them, for it is done some thirty times an event.</summary>
internal sealed class AnySpelling : IEqualityComparer<string>
{
    public static AnySpelling Comparer { get; } = new();

    public bool Equals(string? x, string? y)
    {
        var (i, j) = (0, 0);
        while (true)
        {
            var (a, b) = (Next(x, ref i), Next(y, ref j));
            if (a != b)
            {
                return false;
            }

            if (a == '\0')
            {
                return true;
            }
        }
    }

    public int GetHashCode(string obj)
    {
        var (hash, i) = (17, 0);
        while (Next(obj, ref i) is var c and not '\0')
        {
            hash = (hash * 31) + c;
        }

        return hash;
    }

    // Names with NUL are refused before they are compared.
    private static char Next(string? text, ref int index)
    {
        while (text is not null && index < text.Length)
        {
            var c = text[index++];
            if (c != '_')
            {
                return char.ToLowerInvariant(c);
            }
        }

        return '\0';
    }
}
