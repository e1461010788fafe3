using System.Globalization;
using System.Reflection;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.FaultLab.Tests;

/// <summary>Runs the fault lab in a process of its own, which has one worker thread so that a seed replays.</summary>
internal static class Lab
{
    private static readonly string s_dll = Path.Combine(
        Repository.Root, "tests/FleetManager.FaultLab/bin", typeof(Lab).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration, "net10.0", "fault-lab.dll");

    /// <summary>How long each kind of fault is tried: a few seconds, or as many as <c>./test.sh faults --long</c> gives.</summary>
    public static double Seconds { get; } = double.Parse(Environment.GetEnvironmentVariable("FLEET_FAULT_SECONDS") ?? "2", CultureInfo.InvariantCulture);

    public static async Task<CommandResult> RunAsync(params string[] arguments)
    {
        await using var lab = ChildProcess.StartDotnet("fault lab", s_dll, arguments);
        var exit = await lab.ExitAsync(TimeSpan.FromSeconds(Seconds + 120), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(lab.Output);
        return new CommandResult(exit, lab.Output, "");
    }
}
