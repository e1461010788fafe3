using System.Globalization;
using System.Text;

namespace FleetManager.Benchmarks.Results;

/// <summary>The rows of a suite.</summary>
/// <param name="suite">Its name on the command line.</param>
/// <param name="isJudged">Whether its sizes and times are such that ratios mean something.</param>
internal sealed class Report(string suite, bool isJudged)
{
    private const string Head =
        """
        | # | work | anchor | ours | ratio | floor | goal | |
        |---|---|---|---|---|---|---|---|
        """;

    private readonly StringBuilder _rows = new();

    public string Suite => suite;

    public void Add(string number, string work, string anchor, string ours, double ratio, Bound? floor, Bound? goal)
    {
        var verdict = !isJudged ? "not judged"
            : goal?.Holds(ratio) == true ? "goal"
            : floor?.Holds(ratio) == true ? "floor"
            : floor is null ? "" : "**below the floor**";
        var row = string.Create(
            CultureInfo.InvariantCulture,
            $"| {number} | {work} | {anchor} | {ours} | **{ratio:0.###}** | {floor} | {goal} | {verdict} |");
        Console.WriteLine(row);
        _rows.AppendLine(row);
    }

    public override string ToString() => $"{Head}{Environment.NewLine}{_rows}";
}
