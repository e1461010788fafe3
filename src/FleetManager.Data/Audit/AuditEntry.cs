using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Audit;

/// <summary>Who did what, when. Written in the transaction of the deed.</summary>
public sealed class AuditEntry
{
    public long Key { get; set; }

    public required int WorkspaceId { get; set; }

    public required DateTimeOffset At { get; set; }

    /// <summary>E-mail of a person, <c>key:PREFIX</c> of an API key, <c>device:ID</c>, or <c>admin</c> for the command line.</summary>
    public required string Actor { get; set; }

    /// <summary>Dotted, past tense: <c>settings.saved</c>, <c>device.enrolled</c>, <c>use_case.archived</c>.</summary>
    public required string Action { get; set; }

    /// <summary>Id of what it was done to.</summary>
    public required string Subject { get; set; }

    /// <summary>JSON object with what else matters; never a secret.</summary>
    public string? Detail { get; set; }
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.HasKey(a => a.Key);
        builder.HasIndex(a => new { a.WorkspaceId, a.At });
        builder.Property(a => a.Detail).IsJsonOrNull();
    }
}
