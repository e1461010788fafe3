using System.Globalization;

namespace FleetManager.Benchmarks.Suites;

/// <param name="Rounds">How often each side is measured, in turn with the others.</param>
/// <param name="Window">How long each time.</param>
/// <param name="Events">Rows of a large table.</param>
/// <param name="IsJudged">Whether ratios are compared with their floors: not in a smoke run.</param>
internal sealed record Plan(int Rounds, TimeSpan Window, int Events, bool IsJudged)
{
    /// <summary>How long each server is loaded before anything is measured: .NET compiles its code twice, the second time well.</summary>
    public TimeSpan WarmUp => IsJudged ? TimeSpan.FromSeconds(15) : Window;

    public static Plan Smoke { get; } = new(1, TimeSpan.FromMilliseconds(500), 10_000, IsJudged: false);

    /// <summary>What repeats it.</summary>
    public string CommandFor(string suite) => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run -c Release --project tests/FleetManager.Benchmarks -- {suite} --rounds {Rounds} --seconds {Window.TotalSeconds} --events {Events} --out docs/benchmarks.md");
}
