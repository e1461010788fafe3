using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;

namespace FleetManager.FaultLab;

/// <summary>The command line <c>fault-lab</c>.</summary>
internal static class LabCommand
{
    public static RootCommand Create()
    {
        var seed = new Option<int?>("--seed") { Description = "Run this seed alone, and show its steps." };
        var seeds = new Option<int>("--seeds") { Description = "Run so many seeds.", DefaultValueFactory = _ => int.MaxValue };
        var seconds = new Option<double>("--seconds") { Description = "Begin no seed after so many seconds.", DefaultValueFactory = _ => 30 };
        var steps = new Option<int>("--steps") { Description = "Steps of each run before the faults end.", DefaultValueFactory = _ => 120 };
        var faults = new Option<Faults>("--faults") { Description = "What may go wrong: Network, Server, Power, Disk, Clock, Settings; several with commas.", DefaultValueFactory = _ => Faults.All };
        var outage = new Option<int?>("--outage-days") { Description = "In place of the steps: so many days without a network, then all must drain." };
        var broken = new Option<Sabotage>("--broken") { Description = "A part that breaks its word: DiskLies, ServerForgets, StoreLosesARow. The lab must notice." };
        var root = new RootCommand("Runs the agent's own code on a faulty disk and a faulty network under a virtual clock, and checks the promises G1 to G12.")
        {
            seed, seeds, seconds, steps, faults, outage, broken,
        };
        root.SetAction(async (parsed, cancellation) =>
        {
            var plan = new Plan(parsed.GetValue(steps), parsed.GetValue(faults), parsed.GetValue(outage), parsed.GetValue(broken));
            return parsed.GetValue(seed) is { } one
                ? await OneAsync(one, plan)
                : await ManyAsync(parsed.GetValue(seeds), TimeSpan.FromSeconds(parsed.GetValue(seconds)), plan, cancellation);
        });
        return root;
    }

    private static async Task<int> OneAsync(int seed, Plan plan)
    {
        var run = await RunAsync(seed, plan, prints: true);
        Console.WriteLine($"seed {seed}: trace {run.Digest}");
        return Judge(seed, plan, run) ? 0 : 1;
    }

    private static async Task<int> ManyAsync(int seeds, TimeSpan time, Plan plan, CancellationToken cancellation)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var (runs, events, deaths, days) = (0, 0, 0, 0.0);
        while (runs < seeds && TimeProvider.System.GetElapsedTime(begun) < time && !cancellation.IsCancellationRequested)
        {
            var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
            var run = await RunAsync(seed, plan, prints: false);
            if (!Judge(seed, plan, run))
            {
                return 1;
            }

            runs++;
            events += run.Accepted;
            deaths += run.Deaths;
            days += run.Elapsed.TotalDays;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{runs} seeds of {plan.Faults}: {events} events accepted, {deaths} deaths, {days:0} days of virtual time in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s; every promise held"));
        return 0;
    }

    private static bool Judge(int seed, Plan plan, Run run)
    {
        if (run.Failure is null)
        {
            return true;
        }

        Console.WriteLine($"seed {seed} broke {run.Failure}");
        Console.WriteLine($"Replay: ./test.sh faults --seed {seed} --steps {plan.Steps} --faults \"{plan.Faults}\"");
        return false;
    }

    private static async Task<Run> RunAsync(int seed, Plan plan, bool prints)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"fault-lab-{Environment.ProcessId}-{seed}"));
        using var trace = new Trace(prints);
        var simulation = new Simulation(seed, plan.Faults, folder.FullName, trace, plan.Broken);
        string? failure = null;
        try
        {
            await (plan.OutageDays is { } days ? simulation.OutageAsync(days) : simulation.RunAsync(plan.Steps));
        }
        catch (Violation e)
        {
            failure = $"{e.Promise} at step {trace.Step}: {e.Message}";
        }
        catch (Exception e)
        {
            failure = $"the lab itself at step {trace.Step}: {e}";
        }

        folder.Delete(recursive: true);
        return new Run(failure, trace.Digest, simulation.Accepted, simulation.Deaths, simulation.Elapsed);
    }

    private sealed record Plan(int Steps, Faults Faults, int? OutageDays, Sabotage Broken);

    private sealed record Run(string? Failure, string Digest, int Accepted, int Deaths, TimeSpan Elapsed);
}
