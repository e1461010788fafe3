using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Devices;

/// <summary>What an agent, or its will, says of its connection.</summary>
public enum PresenceState
{
    /// <summary>Connected and working.</summary>
    [JsonStringEnumMemberName("online")] Online,

    /// <summary>Stopped on purpose.</summary>
    [JsonStringEnumMemberName("offline")] Offline,

    /// <summary>The broker's word: the connection ended without a goodbye.</summary>
    [JsonStringEnumMemberName("lost")] Lost,
}

/// <summary>Body of <c>up/presence</c>.</summary>
/// <param name="State">See <see cref="PresenceState"/>.</param>
/// <param name="AgentVersion">Version of the agent program.</param>
/// <param name="Hardware">What it runs on; null in a will.</param>
public sealed record PresenceReport(PresenceState State, string AgentVersion, HardwareSummary? Hardware);

/// <summary>What a device is made of; the field names of the reference's device (vision-events.md 15).</summary>
/// <param name="Hostname">Name of the host.</param>
/// <param name="Platform">Operating system, such as <c>Linux</c>.</param>
/// <param name="PlatformVersion">Its version, as it calls itself.</param>
/// <param name="Architecture"><c>x64</c>, <c>arm64</c>, …</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="TotalMemoryBytes">Memory the process may use, bytes.</param>
/// <param name="TotalDiskBytes">Size of the volume that holds the data directory, bytes.</param>
public sealed record HardwareSummary(
    string Hostname,
    string Platform,
    string PlatformVersion,
    string Architecture,
    int Processors,
    long TotalMemoryBytes,
    long TotalDiskBytes);
