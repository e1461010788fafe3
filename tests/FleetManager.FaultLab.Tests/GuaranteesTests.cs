using System.Globalization;
using System.Text.RegularExpressions;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.FaultLab.Tests;

/// <summary>The page of promises names tests that are there.</summary>
public sealed partial class GuaranteesTests
{
    private const int Promises = 12;

    [Fact]
    public void Page_NamesForEachPromise_TestsThatExist()
    {
        var sections = Sections();
        var tests = Tests();

        Assert.Equal(Enumerable.Range(1, Promises).Select(n => string.Create(CultureInfo.InvariantCulture, $"G{n}")), sections.Select(s => s.Promise));
        Assert.All(sections, s => Assert.NotEmpty(s.Tests));
        Assert.All(sections.SelectMany(s => s.Tests), named => Assert.True(tests.Contains(named), $"{named} is no test"));
    }

    private static List<(string Promise, List<string> Tests)> Sections() =>
        [.. Heading().Split(File.ReadAllText(Path.Combine(Repository.Root, "docs/guarantees.md"))).Skip(1).Chunk(2)
            .Select(s => (s[0], Named().Matches(s[1]).Select(m => m.Groups[1].Value).ToList()))];

    /// <summary>Class and method of every test in the sources.</summary>
    private static HashSet<string> Tests() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Test().Matches(File.ReadAllText(file)).Select(m => $"{Path.GetFileNameWithoutExtension(file)}.{m.Groups[1].Value}"))];

    [GeneratedRegex(@"^## (G\d+):.*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\n(?:\s*\[[^\n]*\n)*\s*public (?:static )?(?:async )?\w+ (\w+)\(")]
    private static partial Regex Test();
}
