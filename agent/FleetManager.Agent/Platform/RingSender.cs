using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Platform;

/// <summary>
/// Sends a ring to the server, batch by batch. What it can not have now waits; what it will never take is passed over and counted, like what gave
/// way, and a line of its own says how many.
/// </summary>
/// <param name="ring">The lines.</param>
/// <param name="send">Sends lines of one start; null when the server has taken them.</param>
/// <param name="confess">Makes the line, of a number, that says how many were left out.</param>
internal sealed class RingSender<T>(LineRing<T> ring, Func<long, IReadOnlyList<T>, CancellationToken, Task<Failure?>> send, Func<long, long, T> confess)
    where T : class
{
    private const int MaxLines = LogBatch.MaxLines;
    private const int MaxBytes = LogBatch.MaxBytes / 2;

    /// <summary>Sends all that waits; why it could not, or null.</summary>
    public async Task<Failure?> SendAsync(CancellationToken cancellationToken)
    {
        Failure? refused = null;
        while (Next() is { } batch)
        {
            var failure = batch.Lines.Count == 0 ? null : await send(batch.Boot, batch.Lines, cancellationToken);
            if (failure is not null and not { Kind: FailureKind.Refused })
            {
                return failure;
            }

            refused = failure ?? refused;
            ring.MarkSent(failure is null ? batch : batch with { Damaged = batch.Damaged + batch.Lines.Count });
        }

        return refused;
    }

    private RingBatch<T>? Next()
    {
        // Behind what came before it, so that it stands where the gap is.
        if (ring.Peek(MaxLines, MaxBytes) is { } batch)
        {
            return batch;
        }

        if (ring.LeftOut is 0 or < 0)
        {
            return null;
        }

        // On a full disk this line is left out itself, and then it is the only one that need not be told.
        var count = ring.LeftOut;
        ring.MarkTold(ring.Append(seq => confess(seq, count)) ? count : 1);
        return ring.Peek(MaxLines, MaxBytes);
    }
}
