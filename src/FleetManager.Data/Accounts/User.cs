using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace FleetManager.Data.Accounts;

/// <summary>A person who signs in to the console.</summary>
public sealed class User
{
    public int Key { get; set; }

    /// <summary>As typed.</summary>
    public required string Email { get; set; }

    /// <summary>Lower-case form, unique: nobody can register a look-alike that differs in case only.</summary>
    public required string EmailKey { get; set; }

    /// <summary>Null until the person has set a password.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Changes with the password; a session that carries an older one ends.</summary>
    public required string SecurityStamp { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? DisabledAt { get; set; }
}

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.HasKey(u => u.Key);
        builder.HasIndex(u => u.EmailKey).IsUnique();
    }
}
