using System.Runtime.InteropServices;
using FleetManager.Contracts.Devices;

namespace FleetManager.Agent.Control;

/// <summary>Reads what the agent runs on.</summary>
internal static class HardwareProbe
{
    public static HardwareSummary Read(string dataDirectory) => new(
        Environment.MachineName,
        OperatingSystem.IsLinux() ? "Linux" : OperatingSystem.IsWindows() ? "Windows" : OperatingSystem.IsMacOS() ? "macOS" : RuntimeInformation.OSDescription,
        DistributionName() ?? RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        new DriveInfo(dataDirectory).TotalSize);

    private static string? DistributionName()
    {
        const string key = "PRETTY_NAME=";
        try
        {
            return File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Trim('"');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
