using System.Runtime.InteropServices;

namespace FleetManager.Agent.Platform;

/// <summary>What the operating system tells of files and volumes, and .NET does not.</summary>
internal static partial class Volume
{
    private const int CurrentDirectory = -100;
    private const uint WantsOwner = 8;

    /// <summary>Inodes that are left, and all there are; null where the file system has no fixed number of them, or the system does not say.</summary>
    public static (long Free, long All)? Inodes(string path)
    {
        // struct statvfs of 64-bit Linux: bsize frsize blocks bfree bavail files ffree favail, all of 64 bits.
        Span<ulong> answer = stackalloc ulong[32];
        return OperatingSystem.IsLinux() && Environment.Is64BitProcess && StatVfs(path, answer) == 0 && answer[5] > 0 ? ((long)answer[7], (long)answer[5]) : null;
    }

    /// <summary>Number of the user that a file belongs to; null when the system does not say.</summary>
    public static uint? OwnerOf(string path)
    {
        // struct statx: mask blksize (32) attributes (64) nlink uid (32).
        Span<uint> answer = stackalloc uint[64];
        return OperatingSystem.IsLinux() && StatX(CurrentDirectory, path, 0, WantsOwner, answer) == 0 ? answer[5] : null;
    }

    [LibraryImport("libc", EntryPoint = "statvfs", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int StatVfs(string path, Span<ulong> answer);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Span<uint> answer);
}
