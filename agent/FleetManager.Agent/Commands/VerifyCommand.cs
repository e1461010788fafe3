using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FleetManager.Agent.Control;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Commands;

/// <summary>
/// <c>fleet-agent verify</c>: checks the event store of this device and says exactly what is wrong with it; then asks the server for its receipts
/// and says where the two differ. Exit 0 when all holds, 2 when it does not, 1 when the store could not be checked. Changes nothing, also beside
/// a running agent. A server that can not be reached is a note: the store is whole without it.
/// </summary>
internal static class VerifyCommand
{
    private const int NotWhole = 2;

    public static Command Create()
    {
        var directory = CommandOptions.DataDirectory();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var offline = new Option<bool>("--offline") { Description = "Do not ask the server" };
        var command = new Command("verify", "Check every row, number and image of the event store, and compare it with the server's receipts") { directory, json, offline };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(directory)!);
            var result = Check(Path.Combine(path, "store"), cancellationToken);
            if (!parsed.GetValue(offline) && result.Epoch != Guid.Empty && Identity.Load(Path.Combine(path, Identity.FileName)) is { Proved: true } identity)
            {
                result = await CompareAsync(identity, result, cancellationToken);
            }

            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(result, AgentJson.Default.StoreCheckResult) : Text(result));
            return result.IsWhole ? 0 : NotWhole;
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

    private static async Task<StoreCheckResult> CompareAsync(Identity identity, StoreCheckResult result, CancellationToken cancellationToken)
    {
        using var http = new ServerHttp(new Uri(identity.Server), identity.DeviceKey, TimeProvider.System);
        var verdict = await new ServerVerification(http, TimeProvider.System)
            .CompareAsync(result.Epoch, result.LastSeq, result.HeldRanges, result.LostRanges, cancellationToken);
        return result with
        {
            Findings =
            [
                .. result.Findings,
                .. verdict.Findings.Where(f => f.IsFault).Select(f => new StoreFinding("server", f.Text, f.Ranges[0].From, f.Ranges[^1].Through)),
            ],
            Notes =
            [
                .. result.Notes,
                .. verdict.Findings.Where(f => !f.IsFault).Select(f => f.Text),
                verdict.Unreachable is { } why ? $"the server was not asked: {why}" : $"compared with the receipts of {identity.Server}",
            ],
        };
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
            : "Not whole: the running agent mends what it can and declares lost what it can not; start it if it does not run");
        return string.Join(Environment.NewLine, lines);
    }
}
