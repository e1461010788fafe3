using System.ComponentModel;
using System.Runtime.InteropServices;

namespace FleetManager.Server.Features.Images.Renditions;

/// <summary>
/// Bounds the memory of this process, that of native code included, where the system can: beyond it an allocation fails. Address space that is
/// only reserved does not count, so the runtime is not in the way. Windows has nothing as simple; there the library's own limits stand alone.
/// </summary>
internal static class MemoryLimit
{
    /// <summary>The largest picture twice, and the runtime.</summary>
    private const ulong Bytes = 1200UL * 1024 * 1024;

    private const int LinuxData = 2;

    public static void Set()
    {
        if (OperatingSystem.IsLinux())
        {
            // When the machine itself runs out, this process goes first.
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }

        var limit = new Limit { Soft = (nuint)Bytes, Hard = (nuint)Bytes };
        if (OperatingSystem.IsLinux() && SetLimit(LinuxData, ref limit) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, ref Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
