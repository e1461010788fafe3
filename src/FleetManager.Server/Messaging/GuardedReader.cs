using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace FleetManager.Server.Messaging;

/// <summary>
/// Looks at the header of each MQTT packet before the library does, which would wait for, and hold, whatever length a header claims. Relies
/// on one fact of the library: it takes whole packets only, so each read starts at a packet.
/// </summary>
internal sealed class GuardedReader(PipeReader inner, Func<long> ceiling) : PipeReader
{
    private const int MaxLengthBytes = 4;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        Checked(await inner.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        var any = inner.TryRead(out result);
        if (any)
        {
            Checked(result);
        }

        return any;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private ReadResult Checked(ReadResult result)
    {
        var total = PacketLength(result.Buffer);
        if (total > ceiling())
        {
            throw new ConnectionAbortedException($"A packet of {total} bytes is over the limit of {ceiling()}.");
        }

        // Half a packet that can never be completed: the library would read it again and again.
        if (result.IsCompleted && !result.Buffer.IsEmpty && (total is null || total > result.Buffer.Length))
        {
            throw new ConnectionAbortedException("The connection ended within a packet.");
        }

        return result;
    }

    /// <summary>Length of the first packet, header included; null while the header is not complete.</summary>
    private static long? PacketLength(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.Advance(Math.Min(1, reader.Length));
        long length = 0;
        for (var i = 0; i < MaxLengthBytes && reader.TryRead(out var part); i++)
        {
            length |= (long)(part & 0x7F) << (7 * i);
            if ((part & 0x80) == 0)
            {
                return length + 2 + i;
            }
        }

        return reader.Consumed > MaxLengthBytes ? long.MaxValue : null;
    }
}
