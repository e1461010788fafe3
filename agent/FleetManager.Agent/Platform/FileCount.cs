using System.Runtime.InteropServices;

namespace FleetManager.Agent.Platform;

/// <summary>How many files a volume can hold and still take: inodes, of which a volume of small images runs out before its bytes.</summary>
internal static partial class FileCount
{
    // struct statvfs of 64-bit Linux, with glibc and musl: bsize, frsize, blocks, bfree, bavail, files, ffree, favail, … of 8 bytes each.
    private const int Words = 32;
    private const int Files = 5;
    private const int Available = 7;

    /// <summary>Null where there is no such limit, or none that is known.</summary>
    public static (long Total, long Free)? Of(string path)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return null;
        }

        var answer = new long[Words];
        return StatVfs(path, answer) == 0 && answer[Files] > 0 ? (answer[Files], answer[Available]) : null;
    }

    [LibraryImport("libc", EntryPoint = "statvfs", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int StatVfs(string path, [Out] long[] answer);
}
