using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Commands;

/// <summary>
/// <c>fleet-agent verify</c>: checks the event store of this device and says exactly what is wrong with it. Exit 0 when it is whole, 2 when it is
/// not, 1 when it could not be checked. Changes nothing, also beside a running agent.
/// </summary>
internal static class VerifyCommand
{
    private const int NotWhole = 2;

    public static Command Create()
    {
        var directory = CommandOptions.DataDirectory();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("verify", "Check every row, number and image of the event store") { directory, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var result = Check(Path.Combine(Path.GetFullPath(parsed.GetValue(directory)!), "store"), cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(result, AgentJson.Default.StoreCheckResult) : Text(result));
            return Task.FromResult(result.IsWhole ? 0 : NotWhole);
        });
        return command;
    }

    private static StoreCheckResult Check(string store, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(store, "journal.db")))
        {
            throw new AgentFault($"there is no event store in {store}: name the directory of the agent with --data-dir or FLEET_AGENT_DATA_DIR");
        }

        try
        {
            return StoreCheck.Run(store, TimeProvider.System, cancellationToken);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new AgentFault($"the event store {store} can not be read ({e.Message}): run fleet-agent as the user that the agent runs as", e);
        }
    }

    private static string Text(StoreCheckResult result)
    {
        var lines = new List<string>();
        if (result.Epoch != Guid.Empty)
        {
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Epoch {result.Epoch}, numbers 1 to {result.LastSeq}: {result.Held} held by the server, {result.Pending} pending, {result.Parked} parked, {result.DeclaredLost} declared lost"));
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"On this device: {result.Records} events, {result.Images} images"));
        }

        lines.AddRange(result.Findings.Select(f => $"WRONG {f.Code}: {f.Text}"));
        lines.AddRange(result.Notes.Select(n => $"Note: {n}"));
        lines.Add(result.IsWhole
            ? "Whole: every row, number and image was checked"
            : "Not whole: the running agent declares lost what it can not read; start it if it does not run");
        return string.Join(Environment.NewLine, lines);
    }
}
