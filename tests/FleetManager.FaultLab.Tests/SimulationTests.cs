using System.Globalization;
using System.Text.RegularExpressions;

namespace FleetManager.FaultLab.Tests;

/// <summary>Random runs of the agent's own code. A failing run prints its seed and the command that replays it.</summary>
public sealed partial class SimulationTests
{
    private static readonly string s_seconds = Lab.Seconds.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public Task Network_LosesDelaysCutsAndDoubles_EveryPromiseHolds() => HoldsAsync("Network");

    [Fact]
    public Task Server_BusyBrokenDownOrRestored_EveryPromiseHolds() => HoldsAsync("Network,Server");

    [Fact]
    public Task Power_CutAndProcessKilledAtAnyWrite_EveryPromiseHolds() => HoldsAsync("Power");

    [Fact]
    public Task Disk_FullAndFailingAtAnyCall_EveryPromiseHolds() => HoldsAsync("Disk,Power,Network");

    [Fact]
    public Task Clock_JumpsAYearOrTo1970_EveryPromiseHolds() => HoldsAsync("Clock,Network,Server");

    [Fact]
    public Task Settings_GoodBadAndOftenChanged_EveryPromiseHolds() => HoldsAsync("Settings,Network,Power");

    [Fact]
    public Task Everything_AtOnce_EveryPromiseHolds() => HoldsAsync("All");

    [Fact]
    public async Task Outage_OfThirtyDays_Drains()
    {
        var run = await Lab.RunAsync("--outage-days", "30", "--seeds", "1");

        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Seed_RunTwice_TakesTheSameSteps()
    {
        var first = await Lab.RunAsync("--seed", "20260105", "--steps", "80");
        var second = await Lab.RunAsync("--seed", "20260105", "--steps", "80");

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(TraceOf(first.Output), TraceOf(second.Output));
    }

    [Theory]
    [InlineData("DiskLies")]
    [InlineData("ServerForgets")]
    [InlineData("StoreLosesARow")]
    public async Task Lab_WithABrokenPart_Notices(string broken)
    {
        var run = await Lab.RunAsync("--broken", broken, "--faults", "Power,Network", "--seconds", "60");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Replay: ./test.sh faults --seed ", run.Output, StringComparison.Ordinal);
    }

    private static string TraceOf(string output) => Trace().Match(output) is { Success: true } trace ? trace.Value : throw new FormatException(output);

    [GeneratedRegex("seed 20260105: trace [0-9a-f]+")]
    private static partial Regex Trace();

    private static async Task HoldsAsync(string faults)
    {
        var run = await Lab.RunAsync("--faults", faults, "--seconds", s_seconds);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("every promise held", run.Output, StringComparison.Ordinal);
    }
}
