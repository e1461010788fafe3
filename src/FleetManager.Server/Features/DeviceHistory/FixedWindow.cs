using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>
/// So many permits in a window, which begins with its first one. The library's own limiter has a clock of its own, which no test can move.
/// </summary>
internal sealed class FixedWindow(int permits, TimeSpan window, TimeProvider time) : RateLimiter
{
    private readonly Lock _gate = new();
    private long _start;
    private int _taken;

    /// <summary>Null while the window runs: what is idle is thrown away, and its count with it.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_gate)
            {
                return Left > TimeSpan.Zero ? null : -Left;
            }
        }
    }

    private TimeSpan Left => _taken == 0 ? TimeSpan.Zero : window - time.GetElapsedTime(_start);

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (_gate)
        {
            if (Left <= TimeSpan.Zero)
            {
                (_start, _taken) = (time.GetTimestamp(), 0);
            }

            if (_taken + permitCount > permits)
            {
                return new Lease(Left);
            }

            _taken += permitCount;
            return new Lease(null);
        }
    }

    /// <summary>There is no queue: who gets no permit now gets none.</summary>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));

    private sealed class Lease(TimeSpan? retryAfter) : RateLimitLease
    {
        public override bool IsAcquired => retryAfter is null;

        public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata) =>
            (metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null) is not null;
    }
}
