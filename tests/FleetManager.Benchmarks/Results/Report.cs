using System.Globalization;
using System.Text;
using FleetManager.Benchmarks.Suites;

namespace FleetManager.Benchmarks.Results;

/// <summary>The rows of a suite.</summary>
internal sealed class Report(string suite, Plan plan)
{
    private const string Head =
        """
        | # | work | anchor | ours | ratio | floor | goal | |
        |---|---|---|---|---|---|---|---|
        """;

    private readonly StringBuilder _rows = new();

    private string Begin => $"<!-- {suite}: begin -->";

    private string End => $"<!-- {suite}: end -->";

    public void Add(string number, string work, string anchor, string ours, double ratio, Bound? floor, Bound? goal)
    {
        var verdict = (plan.IsJudged, floor, goal) switch
        {
            (false, _, _) => "not judged",
            (_, _, { } g) when g.Holds(ratio) => "goal",
            (_, { } f, _) => f.Holds(ratio) ? "floor" : "**below the floor**",
            _ => "",
        };
        _rows.AppendLine(CultureInfo.InvariantCulture, $"| {number} | {work} | {anchor} | {ours} | **{ratio:0.####}** | {floor} | {goal} | {verdict} |");
    }

    public override string ToString() => $"{Head}{Environment.NewLine}{_rows}";

    /// <summary>Writes the suite's section of a file anew, or adds it.</summary>
    public async Task WriteAsync(string file, string machine, CancellationToken cancellationToken)
    {
        var text = File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : "";
        var section = $"{Begin}\n## {suite}\n\n{machine}\n\n```\n{plan.CommandFor(suite)}\n```\n\n{this}{End}";
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        text = from >= 0 && to > from ? text[..from] + section + text[(to + End.Length)..] : $"{text.TrimEnd()}\n\n{section}\n";
        await File.WriteAllTextAsync(file, text.TrimStart(), cancellationToken);
    }
}
