using FleetManager.Data;
using FleetManager.Data.Events;
using FleetManager.Server.Live;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>
/// Writes waiting requests in groups, as many writers at once as the database bears. There is no timer: an idle server writes a request at
/// once, a busy one finds many waiting. A group that the database refuses is tried request by request, so that one bad request harms only itself.
/// </summary>
internal sealed partial class IngestWorker(IngestQueue queue, IEventWriter writer, ChangeFeed changes, ILogger<IngestWorker> logger) : IHostedService
{
    private const int GroupRows = 2_000;
    private const int Attempts = 5;
    private const int LargestRequest = Contracts.Events.EventLimits.BatchSize;
    private Task _loops = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loops = Task.WhenAll(Enumerable.Range(0, writer.Writers).Select(_ => Task.Run(RunAsync, CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>Writes what was taken in, then stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Close();
        return _loops.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        var group = new List<IngestRequest>();
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var rows = 0;
            while (rows <= GroupRows - LargestRequest && queue.Reader.TryRead(out var request))
            {
                group.Add(request);
                rows += request.Rows.Count;
            }

            if (group.Count > 0)
            {
                await WriteAsync(group);
                group.Clear();
            }
        }
    }

    private async Task WriteAsync(List<IngestRequest> group, int attempt = 1)
    {
        IReadOnlyList<WriteResult> results;
        try
        {
            results = await writer.WriteAsync([.. group.SelectMany(r => r.Rows)], CancellationToken.None);
        }
        catch (Exception fault) when (attempt < Attempts && DatabaseFaults.IsConflict(fault))
        {
            // Somebody deletes what is overwritten here, in another order: nothing is wrong with any request.
            await WriteAsync(group, attempt + 1);
            return;
        }
        catch (Exception fault) when (group.Count > 1 && !DatabaseFaults.IsUnavailable(fault))
        {
            Log.GroupRefused(logger, group.Count, fault);
            foreach (var request in group)
            {
                await WriteAsync([request]);
            }

            return;
        }
        catch (Exception fault)
        {
            foreach (var request in group)
            {
                request.Written.TrySetException(fault);
            }

            return;
        }

        Settle(group, results);
    }

    private void Settle(List<IngestRequest> group, IReadOnlyList<WriteResult> results)
    {
        var from = 0;
        foreach (var request in group)
        {
            request.Written.TrySetResult([.. results.Skip(from).Take(request.Rows.Count)]);
            from += request.Rows.Count;
        }

        foreach (var (workspace, useCase) in group.SelectMany(r => r.UseCaseIds, (r, id) => (r.Rows[0].Event.WorkspaceId, id)).Distinct())
        {
            changes.Publish(new Change(workspace, ChangeKind.Events, useCase));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Warning, "A group of {Requests} requests was refused by the database; each is tried on its own")]
        public static partial void GroupRefused(ILogger logger, int requests, Exception fault);
    }
}
