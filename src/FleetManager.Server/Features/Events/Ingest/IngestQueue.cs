using System.Threading.Channels;
using FleetManager.Data.Events;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>
/// Requests whose events wait for a group writer. Bounded: when it is full, or the server stops, callers are asked to come again, and
/// nothing of theirs is kept.
/// </summary>
internal sealed class IngestQueue
{
    public const int Capacity = 1024;

    private readonly Channel<IngestRequest> _channel = Channel.CreateBounded<IngestRequest>(Capacity);

    public ChannelReader<IngestRequest> Reader => _channel.Reader;

    /// <summary>Completes after the commit, with one result per row. Once taken in, rows are written even if the caller goes away.</summary>
    public Task<IReadOnlyList<WriteResult>> WriteAsync(IReadOnlyList<EventRow> rows, IReadOnlySet<string> useCaseIds)
    {
        var request = new IngestRequest(rows, useCaseIds);
        return _channel.Writer.TryWrite(request)
            ? request.Written.Task
            : throw new BusyException("too many events are waiting to be stored");
    }

    /// <summary>Takes in nothing more; what is there can still be read.</summary>
    public void Close() => _channel.Writer.TryComplete();
}

/// <param name="Rows">Rows of one request, of one workspace.</param>
/// <param name="UseCaseIds">Their use cases.</param>
internal sealed record IngestRequest(IReadOnlyList<EventRow> Rows, IReadOnlySet<string> UseCaseIds)
{
    // A continuation that ran inside the writer's loop would hold up the next group.
    public TaskCompletionSource<IReadOnlyList<WriteResult>> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
