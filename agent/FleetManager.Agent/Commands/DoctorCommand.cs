using System.CommandLine;
using System.Text.Json;
using FleetManager.Agent.Doctor;

namespace FleetManager.Agent.Commands;

/// <summary><c>fleet-agent doctor</c>: exit 0 when no leg failed.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var directory = CommandOptions.DataDirectory();
        var json = new Option<bool>("--json") { Description = "Print the findings as JSON" };
        var command = new Command("doctor", "Look at every leg: directory, disk, store, clock, network, server, broker; say what is wrong and what to do") { directory, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await new Examination(Path.GetFullPath(parsed.GetValue(directory)!), TimeProvider.System).RunAsync(cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(report, AgentJson.Default.DoctorReport) : Text(report));
            return report.Healthy ? 0 : 1;
        });
        return command;
    }

    private static string Text(DoctorReport report) => string.Join(
        Environment.NewLine,
        report.Findings.Select(f => $"{Word(f.Verdict),-8}{f.Check,-16}{f.Found}" + (f.Advice is null ? "" : $"{Environment.NewLine}{"",-24}-> {f.Advice}")));

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warning => "WARNING",
        Verdict.Failed => "FAILED",
        _ => "skipped",
    };
}
