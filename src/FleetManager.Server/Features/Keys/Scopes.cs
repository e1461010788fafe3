using System.Collections.Frozen;

namespace FleetManager.Server.Features.Keys;

/// <summary>What a key may do (vision-events.md 2). A key without a list may do everything.</summary>
internal static class Scopes
{
    public const string VisionEventsRead = "vision-events:read";
    public const string VisionEventsWrite = "vision-events:write";
    public const string DeviceRead = "device:read";
    public const string DeviceUpdate = "device:update";
    public const string MqttRead = "mqtt:read";
    public const string ApiKeysManage = "api-keys:manage";
    public const string WorkspaceUpdate = "workspace:update";

    public static IReadOnlyList<string> All { get; } =
        [VisionEventsRead, VisionEventsWrite, DeviceRead, DeviceUpdate, MqttRead, ApiKeysManage, WorkspaceUpdate];

    /// <summary>What every device's key may do, within its own device.</summary>
    public static IReadOnlySet<string> OfDevices { get; } = FrozenSet.Create(DeviceRead, DeviceUpdate);

    private static readonly FrozenDictionary<string, string> s_known = All
        .SelectMany(s => Spellings(s).Distinct(), (s, alias) => (s, alias))
        .ToFrozenDictionary(p => p.alias, p => p.s, StringComparer.Ordinal);

    /// <summary>The colon form of a scope in any spelling; false when there is no such scope.</summary>
    public static bool TryNormalize(string text, out string scope) => s_known.TryGetValue(text.Trim(), out scope!);

    /// <summary>The scopes in colon form, each once; null, and what is wrong, when one is unknown or there is none.</summary>
    public static IReadOnlyList<string>? Parse(IEnumerable<string?> texts, out string? fault)
    {
        var scopes = new HashSet<string>();
        foreach (var text in texts)
        {
            if (!TryNormalize(text ?? "", out var scope))
            {
                fault = $"There is no scope '{text}': the scopes are {string.Join(", ", All)}.";
                return null;
            }

            scopes.Add(scope);
        }

        fault = scopes.Count > 0 ? null : $"scopes names no scope; leave it out to grant all, or name some of {string.Join(", ", All)}.";
        return scopes.Count > 0 ? [.. All.Where(scopes.Contains)] : null;
    }

    // The seed spells scopes with dots and camel case; all spellings mean the same.
    private static IEnumerable<string> Spellings(string scope)
    {
        var parts = scope.Split('-');
        var camel = parts[0] + string.Concat(parts[1..].Select(p => char.ToUpperInvariant(p[0]) + p[1..]));
        return [scope, scope.Replace(':', '.'), camel, camel.Replace(':', '.')];
    }
}
