using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>A clock that the test moves, and whose time of day can leap while time itself goes on.</summary>
internal sealed class LeapingTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    public TimeSpan Leap { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Leap;

    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
}
