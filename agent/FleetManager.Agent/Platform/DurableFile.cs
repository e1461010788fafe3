using System.Runtime.InteropServices;

namespace FleetManager.Agent.Platform;

/// <summary>
/// Files that are whole or absent after a power cut: written beside their place, flushed, renamed, and the directory flushed, because
/// a rename is only durable once its directory is.
/// </summary>
internal static partial class DurableFile
{
    private const int ReadOnly = 0;

    /// <summary>Told of each step before it is done, with the path it is about; by throwing it fails the step. Only the fault lab listens.</summary>
    public static Action<DiskStep, string>? Witness { get; set; }

    /// <summary>Replaces <paramref name="path"/>. Only the owner may read it.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        WriteFlushed(temporary, content);
        Rename(temporary, path);
        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Gives a file its place; durable once the directory is flushed.</summary>
    public static void Rename(string from, string to)
    {
        Witness?.Invoke(DiskStep.Rename, to);
        File.Move(from, to, overwrite: true);
    }

    /// <summary>Writes and flushes a file that nobody looks for yet.</summary>
    public static void WriteFlushed(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        Witness?.Invoke(DiskStep.Write, path);
        file.Write(content);
        Witness?.Invoke(DiskStep.Flush, path);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Takes the blocks of a new file of that size, without writing them. Throws when the volume has not got them.</summary>
    public static void Allocate(string path, long size)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        if (OperatingSystem.IsLinux())
        {
            if (Allocate(file, 0, size) is not 0 and var error)
            {
                file.Dispose();
                File.Delete(path);
                throw new IOException($"cannot allocate {size} bytes for {path}: error {error}", error);
            }

            return;
        }

        RandomAccess.SetLength(file, size);
    }

    /// <summary>Makes the renames and deletions in a directory durable. Windows does it with the file itself.</summary>
    public static void FlushDirectory(string directory)
    {
        Witness?.Invoke(DiskStep.FlushDirectory, directory);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET opens no directories.
        var handle = Open(directory, ReadOnly);
        if (handle < 0)
        {
            throw new IOException($"cannot open directory {directory}: error {Marshal.GetLastPInvokeError()}");
        }

        try
        {
            if (Flush(handle) != 0)
            {
                throw new IOException($"cannot flush directory {directory}: error {Marshal.GetLastPInvokeError()}");
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Allocate(SafeHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Close(int handle);
}

/// <summary>What can fail on a disk, and between which a power cut can fall.</summary>
internal enum DiskStep
{
    Write,
    Flush,
    Rename,
    FlushDirectory,
}
