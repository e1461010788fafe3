using System.Formats.Tar;
using System.IO.Compression;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Admin;

/// <summary>
/// A gzip-compressed tar of the data directory. The database comes last, so a restore that was cut short leaves a directory that no
/// server takes for a whole one.
/// </summary>
internal static class BackupArchive
{
    public const string Sqlite = "Sqlite";
    public const string DatabaseFile = "fleet.db";

    private static readonly string[] s_folders = ["keys", "images"];

    /// <summary>Writes beside the target and renames at the end: a file of that name is always whole. Only its owner can read it.</summary>
    public static async Task WriteAsync(FileInfo target, FleetOptions options, string? databaseCopy, CancellationToken cancellationToken)
    {
        var unfinished = target.FullName + ".unfinished";
        MakePrivate(unfinished);
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.Write))
            await using (var zip = new GZipStream(file, CompressionLevel.Fastest))
            await using (var tar = new TarWriter(zip))
            {
                foreach (var folder in s_folders)
                {
                    await AddFolderAsync(tar, options, folder, cancellationToken);
                }

                if (databaseCopy is not null)
                {
                    await tar.WriteEntryAsync(databaseCopy, DatabaseFile, cancellationToken);
                }
            }

            File.Move(unfinished, target.FullName);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    public static async Task ReadAsync(FileInfo source, DirectoryInfo directory, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = source.OpenRead();
            await using var zip = new GZipStream(file, CompressionMode.Decompress);
            await using var tar = new TarReader(zip);
            while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
            {
                await ExtractAsync(entry, directory, cancellationToken);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new StartFault($"{source.FullName} could not be restored to {directory.FullName}: {fault.Message}", fault);
        }
    }

    /// <summary>Makes an empty file that only its owner can read.</summary>
    public static void MakePrivate(string path) => new FileStream(path, OwnerOnly(FileMode.CreateNew)).Dispose();

    private static async Task AddFolderAsync(TarWriter tar, FleetOptions options, string folder, CancellationToken cancellationToken)
    {
        var root = options.PathOf(folder);
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var name = $"{folder}/{Path.GetRelativePath(root, path).Replace('\\', '/')}";
            try
            {
                await tar.WriteEntryAsync(path, name, cancellationToken);
            }
            catch (FileNotFoundException)
            {
                // A running server has finished with a temporary file, or deleted an old image, since the listing.
            }
        }
    }

    private static async Task ExtractAsync(TarEntry entry, DirectoryInfo directory, CancellationToken cancellationToken)
    {
        var name = entry.Name;
        var isOurs = entry.EntryType is TarEntryType.RegularFile
            && (name == DatabaseFile || s_folders.Any(f => name.StartsWith(f + "/", StringComparison.Ordinal)))
            && !name.Split('/').Any(part => part is "" or "." or "..");
        if (!isOurs)
        {
            throw new InvalidDataException($"'{name}' is not part of a backup of this server.");
        }

        var path = Path.Combine(directory.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var file = new FileStream(path, OwnerOnly(FileMode.CreateNew));
        if (entry.DataStream is { } data)
        {
            await data.CopyToAsync(file, cancellationToken);
        }
    }

    private static FileStreamOptions OwnerOnly(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
