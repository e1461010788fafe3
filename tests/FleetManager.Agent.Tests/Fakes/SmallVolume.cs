using System.Diagnostics;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>A file system of its own in memory, of few bytes or few files. Needs the right to mount; without it the test is skipped, which shows.</summary>
internal sealed class SmallVolume : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _fillers;

    private SmallVolume()
    {
    }

    public string Path => _folder.Path;

    public long Free => new DriveInfo(Path).AvailableFreeSpace;

    public static SmallVolume Mount(string options)
    {
        var volume = new SmallVolume();
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", volume.Path) != 0)
        {
            volume._folder.Dispose();
            Assert.Skip("this user can not mount a small file system");
        }

        return volume;
    }

    /// <summary>Something else takes all the room that there is.</summary>
    public void FillBytes()
    {
        try
        {
            using var file = new FileStream(Filler(), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Something else takes all the files that there can be.</summary>
    public void FillFiles()
    {
        try
        {
            while (true)
            {
                File.Create(Filler()).Dispose();
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>It goes away again.</summary>
    public void Clear()
    {
        foreach (var file in Directory.EnumerateFiles(Path, "filler*"))
        {
            File.Delete(file);
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private string Filler() => System.IO.Path.Combine(Path, $"filler{_fillers++}");

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
