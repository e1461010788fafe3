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
    public const string WorkspaceUpdate = "workspace:update";

    public static IReadOnlyList<string> All { get; } = [VisionEventsRead, VisionEventsWrite, DeviceRead, DeviceUpdate, MqttRead, WorkspaceUpdate];

    // The seed spells scopes with dots and camel case; both spellings mean the same.
    private static readonly FrozenDictionary<string, string> s_known = All
        .SelectMany(s => new[] { s, s.Replace(':', '.'), s.Replace("vision-events:", "visionEvents.", StringComparison.Ordinal) }.Distinct(), (s, alias) => (s, alias))
        .DistinctBy(p => p.alias)
        .ToFrozenDictionary(p => p.alias, p => p.s, StringComparer.Ordinal);

    /// <summary>The colon form of a scope in either spelling; false when there is no such scope.</summary>
    public static bool TryNormalize(string text, out string scope) => s_known.TryGetValue(text.Trim(), out scope!);
}
