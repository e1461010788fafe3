using System.CommandLine;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Results;
using FleetManager.Benchmarks.Suites;

// What programs use of the CPU is read from /proc, and a shell guards them.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Recursive = true, Description = "How often each side is measured, in turn with the others" };
var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 7, Recursive = true, Description = "How long each time" };
var events = new Option<int>("--events") { DefaultValueFactory = _ => 10_000_000, Recursive = true, Description = "Rows of a large table" };
var smoke = new Option<bool>("--smoke") { Recursive = true, Description = "One short round at small sizes: shows that it runs, judges nothing" };

var root = new RootCommand("Compares the server with what its machine can do: both sides in one run, medians of interleaved rounds.") { rounds, seconds, events, smoke };
foreach (var (name, description, run) in Suites())
{
    var command = new Command(name, description);
    command.SetAction(async (result, cancellationToken) =>
    {
        var plan = result.GetValue(smoke)
            ? new Plan(1, TimeSpan.FromSeconds(1), 20_000, IsJudged: false)
            : new Plan(result.GetValue(rounds), TimeSpan.FromSeconds(result.GetValue(seconds)), result.GetValue(events), IsJudged: true);
        await using var stage = new Stage();
        var report = new Report(name, plan.IsJudged);
        await run(stage, plan, report, cancellationToken);
        Console.WriteLine(report);
    });
    root.Add(command);
}

// Stopping PostgreSQL takes a checkpoint.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

static IEnumerable<(string Name, string Description, Func<Stage, Plan, Report, CancellationToken, Task> Run)> Suites() =>
[
    ("ingest", "Batches of 100 over HTTP against COPY into the same table", IngestSuite.RunAsync),
];
