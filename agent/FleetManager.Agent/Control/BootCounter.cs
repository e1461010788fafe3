using System.Globalization;
using System.Text;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Control;

/// <summary>Counts the starts of the agent in this directory: the order of what it says, whatever its clock does (design 4, rule 3).</summary>
internal static class BootCounter
{
    /// <summary>Counts this start. The count is on disk before it is used, so no two starts share one.</summary>
    public static long Next(DataDirectory directory, TimeProvider time)
    {
        var path = directory.PathOf("boot");
        long boot = 1;
        if (File.Exists(path))
        {
            // A damaged count must not start over, or the server would take everything for old news; seconds since 1970 are above any count.
            boot = long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var last) ? last + 1 : time.GetUtcNow().ToUnixTimeSeconds();
        }

        var count = Encoding.ASCII.GetBytes(boot.ToString(CultureInfo.InvariantCulture));
        try
        {
            try
            {
                DurableFile.Write(path, count);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && File.Exists(path))
            {
                // A full disk has no room for a second file, but for these bytes in place of the old ones. Torn, they are a damaged count.
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
                RandomAccess.Write(file, count, 0);
                RandomAccess.FlushToDisk(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentFault($"{path} can not be written ({e.Message}): make room on the volume of the data directory, or give this user the right to write it", e);
        }

        return boot;
    }
}
