using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Devices;

/// <summary>
/// A device: its identity, its credential, and the revision of settings that it should have. One that was created through the device API has
/// no credential until it is enrolled.
/// </summary>
public sealed class Device
{
    public int Key { get; set; }

    public required int WorkspaceId { get; set; }

    /// <summary>Immutable public id, unique over all workspaces; also MQTT user name and client id.</summary>
    public required string DeviceId { get; set; }

    public required string Name { get; set; }

    /// <summary>Kind of device, free text such as <c>edge</c>; null when nobody said.</summary>
    public string? Type { get; set; }

    /// <summary>Workflow that it was created for; kept for clients, used by nothing here.</summary>
    public string? WorkflowId { get; set; }

    public List<string> Tags { get; set; } = [];

    /// <summary>SHA-256 of the device key; null until it is enrolled.</summary>
    public string? KeyHash { get; set; }

    /// <summary>The token it was enrolled with: the same token with the same key gets this device again.</summary>
    public int? EnrollmentTokenKey { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it got its key; null until then.</summary>
    public DateTimeOffset? EnrolledAt { get; set; }

    /// <summary>When its key was revoked; null while it is good.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Latest revision in <c>settings_revisions</c>; 0 when nobody has changed anything yet.</summary>
    public long DesiredRevision { get; set; }
}

internal sealed class DeviceConfiguration : IEntityTypeConfiguration<Device>
{
    public void Configure(EntityTypeBuilder<Device> builder)
    {
        builder.HasKey(d => d.Key);
        builder.HasIndex(d => d.DeviceId).IsUnique();
        builder.HasIndex(d => d.KeyHash).IsUnique();
        builder.HasIndex(d => new { d.WorkspaceId, d.Name });
    }
}
