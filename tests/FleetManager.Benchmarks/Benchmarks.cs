using System.CommandLine;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Results;
using FleetManager.Benchmarks.Suites;

// What programs use of the CPU is read from /proc, and a shell guards them.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace FleetManager.Benchmarks;

/// <summary>The command line.</summary>
internal static class Benchmarks
{
    private static readonly Suite[] s_suites =
    [
        new("ingest", "Batches of 100 over HTTP against COPY into the same table", IngestSuite.RunAsync),
        new("sqlite", "Batches of 100 over HTTP into SQLite against the library on the same tables", SqliteSuite.RunAsync),
        new("images", "Uploads of 100 KB against new files that are flushed", ImagesSuite.RunAsync),
        new("accept", "Events into the agent, one a request, against a bare journal and bare files", AcceptSuite.RunAsync),
        new("queries", "Searches through the API against bare SQL, at two sizes", QueriesSuite.RunAsync),
        new("charts", "Charts and facet lists of a week against counting live", ChartsSuite.RunAsync),
        new("drain", "The agent's drain into a sink and into the server", DrainSuite.RunAsync),
        new("wear", "Bytes that the agent's store writes to disk against the bytes of its events", WearSuite.RunAsync),
        new("start", "The agent's start on a million pending events: time, memory, processor at rest", StartSuite.RunAsync),
        new("retention", "Deleting what is too old beside ingest", RetentionSuite.RunAsync),
        new("idle", "What a native agent costs while nothing happens", IdleSuite.RunAsync),
    ];

    private static readonly Option<int> s_rounds =
        new("--rounds") { DefaultValueFactory = _ => 3, Recursive = true, Description = "How often each side is measured, in turn with the others" };

    private static readonly Option<int> s_seconds = new("--seconds") { DefaultValueFactory = _ => 7, Recursive = true, Description = "How long each time" };

    private static readonly Option<int> s_events =
        new("--events") { DefaultValueFactory = _ => 10_000_000, Recursive = true, Description = "Rows of a large table" };

    private static readonly Option<string?> s_out =
        new("--out") { Recursive = true, Description = "File of which to write the sections of the suites anew, such as docs/benchmarks.md" };

    private static readonly Option<bool> s_smoke =
        new("--smoke") { Recursive = true, Description = "One short round at small sizes: shows that it runs, judges nothing" };

    public static Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Compares the server with what its machine can do: both sides in one run, medians of interleaved rounds.")
        {
            s_rounds, s_seconds, s_events, s_out, s_smoke, Variant(),
        };
        Array.ForEach([s_rounds, s_seconds, s_events], option => option.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() < 1)
            {
                r.AddError($"{option.Name} must be 1 or more");
            }
        }));
        foreach (var suite in s_suites)
        {
            root.Add(CommandOf(suite.Name, suite.Description, [suite]));
        }

        root.Add(CommandOf("all", "All of them, one after the other", s_suites));
        // PostgreSQL flushes what it holds before it ends.
        return root.Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
    }

    private static Command CommandOf(string name, string description, Suite[] suites)
    {
        var command = new Command(name, description);
        command.SetAction(async (result, cancellationToken) =>
        {
            var plan = result.GetValue(s_smoke)
                ? Plan.Smoke
                : new Plan(result.GetValue(s_rounds), TimeSpan.FromSeconds(result.GetValue(s_seconds)), result.GetValue(s_events), IsJudged: true);
            try
            {
                await RunAsync(suites, plan, result.GetValue(s_out), cancellationToken);
                return 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 130;
            }
        });
        return command;
    }

    private static async Task RunAsync(Suite[] suites, Plan plan, string? file, CancellationToken cancellationToken)
    {
        await using var stage = new Stage();
        foreach (var suite in suites)
        {
            var report = new Report(suite.Name, plan);
            await using (var part = stage.Part())
            {
                await suite.RunAsync(part, plan, report, cancellationToken);
            }

            Console.WriteLine(report);
            if (file is not null)
            {
                await report.WriteAsync(file, await Machine.DescribeAsync(stage, cancellationToken), cancellationToken);
            }
        }
    }

    private static Command Variant()
    {
        var name = new Argument<string>("name");
        var command = new Command("variant", "Serves a variant of the server; started by suites") { Hidden = true, TreatUnmatchedTokensAsErrors = false };
        command.Add(name);
        command.SetAction((result, cancellationToken) => (result.GetRequiredValue(name), result.UnmatchedTokens) switch
        {
            (Variants.DrainPrototype.Name, [var table, var server]) => Variants.DrainPrototype.RunAsync(table, new Uri(server), cancellationToken),
            var (variant, arguments) => Variants.Variant.RunAsync(variant, arguments, cancellationToken),
        });
        return command;
    }

    private sealed record Suite(string Name, string Description, Func<Stage, Plan, Report, CancellationToken, Task> RunAsync);
}
