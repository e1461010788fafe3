using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Data.Devices;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>A device as the reference shows it (vision-events.md 15). What is monitored is null until the device was heard.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status"><c>online</c>: heard within five minutes; <c>offline</c>: heard before; <c>unknown</c>: never heard.</param>
/// <param name="LastHeartbeat">When it was last heard, by the server's clock.</param>
/// <param name="Platform">Operating system.</param>
/// <param name="PlatformRelease">Always null: the agent does not report it.</param>
/// <param name="PlatformVersion">Version of the operating system, as it calls itself.</param>
/// <param name="Architecture"><c>x64</c>, <c>arm64</c>, …</param>
/// <param name="Hostname">Name of the host.</param>
/// <param name="RfdmVersion">Version of the agent.</param>
/// <param name="Type">Kind of device, as it was created.</param>
/// <param name="WorkflowId">Workflow that it was created for.</param>
/// <param name="Hardware">What it is made of.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record DeviceDto(
    string Id,
    string Name,
    string Status,
    DateTimeOffset? LastHeartbeat,
    string? Platform,
    string? PlatformRelease,
    string? PlatformVersion,
    string? Architecture,
    string? Hostname,
    string? RfdmVersion,
    string? Type,
    string? WorkflowId,
    HardwareDto? Hardware,
    IReadOnlyList<string> Tags,
    DateTimeOffset CreatedAt)
{
    private static readonly TimeSpan s_onlineFor = TimeSpan.FromMinutes(5);

    public static DeviceDto Of(Device device, DeviceStatus? status, DateTimeOffset now)
    {
        var heard = HeardAt(status);
        var hardware = heard is null || status?.Hardware is not { } json ? null : JsonSerializer.Deserialize(json, ContractsJson.Default.HardwareSummary);
        return new DeviceDto(
            device.DeviceId,
            device.Name,
            heard is null ? "unknown" : now - heard <= s_onlineFor ? "online" : "offline",
            heard,
            hardware?.Platform,
            null,
            hardware?.PlatformVersion,
            hardware?.Architecture,
            hardware?.Hostname,
            heard is null ? null : status?.AgentVersion,
            device.Type,
            device.WorkflowId,
            hardware is null ? null : HardwareDto.Of(hardware),
            device.Tags,
            device.CreatedAt);
    }

    private static DateTimeOffset? HeardAt(DeviceStatus? status) =>
        new[] { status?.LastUplinkAt, status?.LastRestAt, status is { Connected: true } ? status.ConnectionChangedAt : null }.Max();
}

/// <summary>What a device is made of.</summary>
/// <param name="Processor">How many logical processors, of which architecture.</param>
/// <param name="Gpu">Always null: the agent does not report it.</param>
/// <param name="TotalMemoryMb">Memory, MiB.</param>
/// <param name="TotalDiskSpaceMb">Size of the volume of the agent's data, MiB.</param>
internal sealed record HardwareDto(string Processor, string? Gpu, long TotalMemoryMb, long TotalDiskSpaceMb)
{
    private const long Mebibyte = 1 << 20;

    public static HardwareDto Of(HardwareSummary hardware) => new(
        $"{hardware.Processors} × {hardware.Architecture}", null, hardware.TotalMemoryBytes / Mebibyte, hardware.TotalDiskBytes / Mebibyte);
}

/// <param name="Data">The devices, in the order in which they were created.</param>
internal sealed record DeviceListDto(IReadOnlyList<DeviceDto> Data);
