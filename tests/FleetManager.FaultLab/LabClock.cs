using Microsoft.Extensions.Time.Testing;

namespace FleetManager.FaultLab;

/// <summary>Virtual time. The wall clock may jump, as a device's does; timers and timestamps are steady, as an operating system's are.</summary>
internal sealed class LabClock : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _steady = new(s_start);

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Shift { get; set; }

    /// <summary>Since the beginning, by the steady clock.</summary>
    public TimeSpan Elapsed => _steady.GetUtcNow() - s_start;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => _steady.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _steady.GetUtcNow() + Shift;

    public override long GetTimestamp() => _steady.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _steady.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan time) => _steady.Advance(time);

    /// <summary>A device without a battery for its clock starts here.</summary>
    public void JumpTo1970() => Shift = DateTimeOffset.UnixEpoch - _steady.GetUtcNow();
}
