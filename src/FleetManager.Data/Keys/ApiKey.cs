using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Keys;

/// <summary>A key for programs. The secret is shown once and stored as its SHA-256.</summary>
public sealed class ApiKey
{
    public int Key { get; set; }

    public required int WorkspaceId { get; set; }

    public required string Name { get; set; }

    /// <summary>First characters of the secret, to tell keys apart.</summary>
    public required string Prefix { get; set; }

    public required string Hash { get; set; }

    /// <summary>Hash of the secret before the last roll; null before the first one.</summary>
    public string? OldHash { get; set; }

    /// <summary>How long the old secret is good beside the new one.</summary>
    public DateTimeOffset? OldUntil { get; set; }

    /// <summary>Scopes in colon form, separated by spaces; null grants all.</summary>
    public string? Scopes { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    /// <summary>Kept to the minute, so that a busy key does not write a row per request.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? DisabledAt { get; set; }
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.HasKey(k => k.Key);
        // Every change looks whether somebody rolled or deleted the key meanwhile.
        builder.Property(k => k.Hash).IsConcurrencyToken();
        builder.HasIndex(k => k.Hash).IsUnique();
        builder.HasIndex(k => k.OldHash);
        builder.HasIndex(k => new { k.WorkspaceId, k.Name });
    }
}
