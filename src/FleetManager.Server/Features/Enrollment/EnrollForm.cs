using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Devices;
using FleetManager.Server.Features.Devices;

namespace FleetManager.Server.Features.Enrollment;

/// <summary>The form of an enrollment request; JSON may leave out what the contract requires.</summary>
internal static class EnrollForm
{
    private const int VersionLength = 64;
    private const int HardwareTextLength = 200;
    private const int KeyDigits = 64;

    /// <summary>What is wrong and what to do; null when nothing is.</summary>
    public static string? Fault(EnrollRequest request) => request switch
    {
        { Token: null or "" } => "token is missing; make one in the console under Devices, Add device.",
        { DeviceKey: null } => "deviceKey is missing.",
        _ when !IsKey(request.DeviceKey) => $"deviceKey must be {Secret.DeviceKeyPrefix} and {KeyDigits} lower-case hexadecimal digits.",
        { Name: { } name } when !DeviceService.IsName(name) => $"name must have 1 to {DeviceService.NameLength} characters and no control characters.",
        { AgentVersion: var version } when version is not { Length: >= 1 and <= VersionLength } || version.Any(char.IsControl) =>
            $"agentVersion must have 1 to {VersionLength} characters and no control characters.",
        { Hardware: { } h } when Texts(h).Any(t => t is not { Length: <= HardwareTextLength } || t.Any(char.IsControl)) =>
            $"hardware must give hostname, platform, platformVersion and architecture, at most {HardwareTextLength} characters each and no control characters.",
        _ => null,
    };

    /// <summary>The name asked for, or the host's.</summary>
    public static string NameOf(EnrollRequest request)
    {
        var name = request.Name ?? request.Hardware?.Hostname;
        return DeviceService.IsName(name) ? name!.Trim() : "device";
    }

    private static bool IsKey(string key) =>
        key.StartsWith(Secret.DeviceKeyPrefix, StringComparison.Ordinal)
        && key.Length == Secret.DeviceKeyPrefix.Length + KeyDigits
        && key.Skip(Secret.DeviceKeyPrefix.Length).All(char.IsAsciiHexDigitLower);

    private static string?[] Texts(HardwareSummary h) => [h.Hostname, h.Platform, h.PlatformVersion, h.Architecture];
}
