namespace FleetManager.Benchmarks.Suites;

/// <param name="Rounds">How often each side is measured, in turn with the others.</param>
/// <param name="Window">How long each time.</param>
/// <param name="Events">Rows of a large table.</param>
/// <param name="IsJudged">Whether ratios are compared with their floors: not in a smoke run.</param>
internal sealed record Plan(int Rounds, TimeSpan Window, int Events, bool IsJudged);
