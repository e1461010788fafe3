using System.Diagnostics;

namespace FleetManager.FaultLab.Tests;

/// <summary>A small file system in memory, mounted on a folder. Only a privileged user of Linux may have one.</summary>
internal sealed class SmallVolume : IDisposable
{
    private readonly string _folder;

    private SmallVolume(string folder) => _folder = folder;

    /// <summary>Null with the reason where it can not be mounted.</summary>
    public static (SmallVolume? Volume, string? WhyNot) TryMount(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return (null, "a file system can only be mounted by root on Linux");
        }

        var error = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "fleet-small", folder);
        return error is null ? (new SmallVolume(folder), null) : (null, "this machine lets no file system be mounted: " + error);
    }

    public void Dispose() => Run("umount", "--lazy", _folder);

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim();
    }
}
