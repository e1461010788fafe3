using System.CommandLine;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Sync;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Commands;

/// <summary><c>fleet-agent export FILE</c>: the pending backlog as one signed archive, to be carried to the server. Works beside a running agent.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Archive to write; must not exist" };
        var directory = CommandOptions.DataDirectory();
        var command = new Command("export", "Write what waits for the backup to a file, which the console (Devices, Import) and the server's admin import take in") { file, directory };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (manifest, leftOut) = await WriteAsync(Path.GetFullPath(parsed.GetRequiredValue(file)), Path.GetFullPath(parsed.GetValue(directory)!), cancellationToken);
            Console.WriteLine($"Exported {manifest.Events} events and {manifest.Images} images of device {manifest.DeviceId}. They stay pending until the server says that it has them.");
            if (leftOut > 0)
            {
                await Console.Error.WriteLineAsync($"{leftOut} events were left out: they name no use case and no default is set, or an image of theirs is gone.");
            }

            return 0;
        });
        return command;
    }

    private static async Task<(ExportManifest Manifest, long LeftOut)> WriteAsync(string target, string directory, CancellationToken cancellationToken)
    {
        if (Identity.Load(Path.Combine(directory, Identity.FileName)) is not { DeviceId: { } device } identity)
        {
            throw new AgentFault($"no device is enrolled in {directory}: name the agent's directory with --data-dir or FLEET_AGENT_DATA_DIR");
        }

        if (!File.Exists(Path.Combine(directory, "store", "journal.db")))
        {
            throw new AgentFault($"there is no event store in {directory}: nothing was stored yet");
        }

        if (File.Exists(target))
        {
            throw new AgentFault($"{target} is there already: name a new file");
        }

        var settings = new SettingsService(new SettingsSlots(directory), NullLogger.Instance).Current.VisionEventsBackup;
        var export = new BacklogExport(Path.Combine(directory, "store"), device, Secret.Hash(identity.DeviceKey), settings, TimeProvider.System);
        var part = target + ".part";
        try
        {
            (ExportManifest, long) written;
            await using (var stream = Open(part))
            {
                written = await export.WriteAsync(stream, cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(part, target);
            DurableFile.FlushDirectory(Path.GetDirectoryName(target)!);
            return written;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new AgentFault($"{target} can not be written ({e.Message}): choose another file, make room, or run it as the agent's user", e);
        }
        finally
        {
            if (File.Exists(part))
            {
                File.Delete(part);
            }
        }
    }

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 256 * 1024, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }
}
