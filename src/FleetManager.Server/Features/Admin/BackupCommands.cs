using System.CommandLine;
using FleetManager.Data;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Admin;

/// <summary>
/// Backup and restore. With SQLite the archive is everything. With PostgreSQL it holds keys and images, and the database is a matter of
/// <c>pg_dump</c>: a second tool for the same data would be a worse one.
/// </summary>
internal static class BackupCommands
{
    private const string PostgresNote =
        "The archive holds keys and images. Back up the database itself with pg_dump, before this command: an image too many is harmless, one too few is not.";

    public static Command Backup(string[] configuration)
    {
        var file = new Argument<FileInfo>("file") { Description = "Archive to write, such as fleet.tar.gz; must not be there" };
        var command = new Command("backup", "Writes database, images and keys into one archive; the server may go on running") { file };
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = AdminHost.ReadOptions(configuration);
            var target = result.GetRequiredValue(file);
            if (target.Exists)
            {
                throw new StartFault($"{target.FullName} is there already; give a new file.");
            }

            try
            {
                await (options.Database.Provider == BackupArchive.Sqlite
                    ? BackupWithDatabaseAsync(target, options, configuration, cancellationToken)
                    : BackupFilesAsync(target, options, cancellationToken));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new StartFault($"The archive {target.FullName} can not be written: {fault.Message}", fault);
            }
        });
        return command;
    }

    public static Command Restore(string[] configuration)
    {
        var file = new Argument<FileInfo>("file") { Description = "Archive that backup wrote" };
        var command = new Command("restore", "Fills an empty data directory from an archive; stop the server first") { file };
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = AdminHost.ReadOptions(configuration);
            var directory = new DirectoryInfo(Path.GetFullPath(options.DataDirectory));

            // A running server keeps its files there, so this also refuses to pull them away from under it.
            if (directory.Exists && directory.EnumerateFileSystemInfos().Any())
            {
                throw new StartFault($"Fleet:DataDirectory ({directory.FullName}) is not empty: stop the server that uses it, and move its content away.");
            }

            var source = result.GetRequiredValue(file);
            if (!source.Exists)
            {
                throw new StartFault($"There is no file {source.FullName}.");
            }

            await BackupArchive.ReadAsync(source, directory, cancellationToken);
            if (options.Database.Provider != BackupArchive.Sqlite)
            {
                await Console.Error.WriteLineAsync("Keys and images are restored. Restore the database itself with pg_restore.");
            }
        });
        return command;
    }

    private static async Task BackupFilesAsync(FileInfo target, FleetOptions options, CancellationToken cancellationToken)
    {
        await BackupArchive.WriteAsync(target, options, null, cancellationToken);
        await Console.Error.WriteLineAsync(PostgresNote);
    }

    private static async Task BackupWithDatabaseAsync(FileInfo target, FleetOptions options, string[] configuration, CancellationToken cancellationToken)
    {
        if (!File.Exists(options.PathOf(BackupArchive.DatabaseFile)))
        {
            throw new StartFault($"There is no database in Fleet:DataDirectory ({Path.GetFullPath(options.DataDirectory)}).");
        }

        // A copy of the file would miss what is in the write-ahead log; this is a consistent copy of one moment.
        var copy = target.FullName + ".db";
        BackupArchive.MakePrivate(copy);
        try
        {
            using var host = await AdminHost.OpenAsync(configuration, cancellationToken);
            await using var db = await host.Services.GetRequiredService<IDbContextFactory<FleetDb>>().CreateDbContextAsync(cancellationToken);
            await db.Database.ExecuteSqlAsync($"VACUUM INTO {copy}", cancellationToken);
            await BackupArchive.WriteAsync(target, options, copy, cancellationToken);
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
