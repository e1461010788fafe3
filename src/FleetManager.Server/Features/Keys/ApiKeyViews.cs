using System.Text.Json.Serialization;
using FleetManager.Data.Keys;

namespace FleetManager.Server.Features.Keys;

/// <summary>An API key as it may be shown: all but its secret.</summary>
/// <param name="Id">Names the key in routes and commands; no secret.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Prefix">First characters of the secret, to tell keys apart.</param>
/// <param name="Scopes">What it may do; null for everything.</param>
/// <param name="Status"><c>active</c>, <c>disabled</c> or <c>expired</c>.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom: an e-mail address, <c>key:PREFIX</c> or <c>admin</c>.</param>
/// <param name="LastUsedAt">When it was last used, to the minute; null for never.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
/// <param name="OldSecretUntil">After a roll with an overlap: how long the old secret is good beside the new one; null when it is not.</param>
internal sealed record ApiKeyView(
    int Id,
    string Name,
    string Prefix,
    IReadOnlyList<string>? Scopes,
    ApiKeyStatus Status,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? OldSecretUntil)
{
    public static ApiKeyView Of(ApiKey key, DateTimeOffset now) => new(
        key.Key,
        key.Name,
        key.Prefix,
        key.Scopes?.Split(' '),
        key.DisabledAt is not null ? ApiKeyStatus.Disabled : key.ExpiresAt <= now ? ApiKeyStatus.Expired : ApiKeyStatus.Active,
        key.CreatedAt,
        key.CreatedBy,
        key.LastUsedAt,
        key.ExpiresAt,
        key.OldUntil > now ? key.OldUntil : null);
}

/// <summary>Whether a key opens anything.</summary>
internal enum ApiKeyStatus
{
    /// <summary>It does.</summary>
    [JsonStringEnumMemberName("active")] Active,

    /// <summary>Somebody switched it off; it can be switched on again.</summary>
    [JsonStringEnumMemberName("disabled")] Disabled,

    /// <summary>Its time is over; a later <c>expiresAt</c> revives it.</summary>
    [JsonStringEnumMemberName("expired")] Expired,
}

/// <param name="Keys">By name.</param>
internal sealed record ApiKeyList(IReadOnlyList<ApiKeyView> Keys);

/// <param name="Secret">The key itself, shown this once.</param>
/// <param name="Key">What is known of it from now on.</param>
internal sealed record ApiKeySecret(string Secret, ApiKeyView Key);

/// <param name="Name">What it is for, 1 to 100 characters.</param>
/// <param name="Scopes">What it may do, such as <c>vision-events:write</c>; everything when absent or null. Never more than the key that asks.</param>
/// <param name="ExpiresAt">When it ends by itself; never when absent or null.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NewApiKey(string? Name, IReadOnlyList<string?>? Scopes = null, DateTimeOffset? ExpiresAt = null);

/// <summary>What is absent stays as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ApiKeyChange
{
    /// <summary>What it is for, 1 to 100 characters.</summary>
    public string? Name { get; set; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? ExpiresAt
    {
        get;
        set
        {
            field = value;
            ChangesExpiry = true;
        }
    }

    /// <summary>True switches it off, false on again.</summary>
    public bool? Disabled { get; set; }

    /// <summary>Tells an expiry that is null from one that is absent.</summary>
    [JsonIgnore]
    public bool ChangesExpiry { get; private set; }
}

/// <param name="OverlapSeconds">How long the old secret stays good beside the new one, at most 30 days; not at all when absent.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ApiKeyRoll(long? OverlapSeconds = null);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ApiKeyList))]
[JsonSerializable(typeof(ApiKeySecret))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(ApiKeyChange))]
[JsonSerializable(typeof(ApiKeyRoll))]
internal sealed partial class ApiKeysJson : JsonSerializerContext;
