using System.Globalization;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Doctor;

/// <summary>The data directory: whether it is there, whose it is, and how much room it has.</summary>
internal static class DirectoryCheck
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const long FewInodes = 1000;

    public static Finding Rights(string path)
    {
        const string check = "data directory";
        if (!Directory.Exists(path))
        {
            return Finding.Failed(check, $"{path} is not there", "name the agent's directory with --data-dir or FLEET_AGENT_DATA_DIR, or enroll the device first: fleet-agent enroll");
        }

        try
        {
            var probe = Path.Combine(path, $"doctor.{Environment.ProcessId}");
            DurableFile.WriteFlushed(probe, "?"u8);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Failed(check, $"{path} can not be written by this user ({e.Message})", "run doctor as root or as the user of the agent (sudo -u fleet-agent), and see that the volume is not full or read-only");
        }

        // Root may do everything; the user of the service must own what it is to write.
        var owner = Volume.OwnerOf(path);
        if (Directory.EnumerateFileSystemEntries(path).FirstOrDefault(f => Volume.OwnerOf(f) is { } other && other != owner) is { } strange)
        {
            return Finding.Failed(
                check,
                string.Create(CultureInfo.InvariantCulture, $"{strange} belongs to user {Volume.OwnerOf(strange)}, the directory to user {owner}"),
                $"give all of it to the user of the agent: chown -R USER {path}");
        }

        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0
            ? Finding.Warning(check, $"{path} can be entered by others, and it holds the device's key", $"chmod 700 {path}")
            : Finding.Ok(check, $"{path} can be written");
    }

    public static Finding Space(string path, EventStoreSettings limits)
    {
        var free = new DriveInfo(path).AvailableFreeSpace;
        return free < limits.MinFreeDiskBytes
            ? Finding.Failed("free space", $"{Size(free)} are free, and eventStore.minFreeDiskBytes leaves {Size(limits.MinFreeDiskBytes)}: new events are refused", "make room on the volume, or lower eventStore.minFreeDiskBytes in the console")
            : Finding.Ok("free space", $"{Size(free)} are free, of which {Size(limits.MinFreeDiskBytes)} are left alone");
    }

    public static Finding Inodes(string path) => Volume.Inodes(path) switch
    {
        null => Finding.Ok("inodes", "the file system has no fixed number of them"),
        var (free, all) when free < FewInodes => Finding.Failed("inodes", $"{free} of {all} are free: soon no file can be made, however much space is left", "delete small files on the volume, or give the agent a volume of its own"),
        var (free, all) => Finding.Ok("inodes", $"{free} of {all} are free"),
    };

    public static Finding Identity(string path, out Identity? identity)
    {
        identity = null;
        try
        {
            identity = Control.Identity.Load(Path.Combine(path, Control.Identity.FileName));
        }
        catch (AgentFault fault)
        {
            return Finding.Failed("enrollment", fault.Message, "see above");
        }

        return identity is { Proved: true }
            ? Finding.Ok("enrollment", $"device {identity.Name} ({identity.DeviceId}) of workspace {identity.Workspace} at {identity.Server}")
            : Finding.Failed("enrollment", identity is null ? "no device is enrolled in this directory" : "the enrollment was begun and not finished", "fleet-agent enroll --server URL --token TOKEN; the console makes a token under Devices, Add device");
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:n0} MiB");
}
