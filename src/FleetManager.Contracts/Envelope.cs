namespace FleetManager.Contracts;

/// <summary>
/// What every MQTT message is wrapped in (design 5.1). Order is (<paramref name="Boot"/>, <paramref name="Seq"/>), never the clock:
/// a reader keeps the greatest and ignores the rest, so duplicates and reordering are harmless.
/// </summary>
/// <param name="V">Major version, 1. A reader refuses any other with a reason.</param>
/// <param name="Type">The last topic level: <c>presence</c>, <c>settings</c>, <c>sync</c>, …</param>
/// <param name="DeviceId">The device; must be the one of the topic.</param>
/// <param name="Boot">Start counter of the sender, persisted, from 1.</param>
/// <param name="Seq">Message counter within the boot, from 1.</param>
/// <param name="At">The sender's wall clock, for people only; never compared with another clock.</param>
/// <param name="Body">The message.</param>
public sealed record Envelope<T>(int V, string Type, string DeviceId, long Boot, long Seq, DateTimeOffset At, T Body)
{
    /// <summary>The only major version there is.</summary>
    public const int Version = 1;
}
