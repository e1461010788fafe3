using FleetManager.Data;
using FleetManager.Data.Events;
using FleetManager.Server.Features.Events.Ingest;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace FleetManager.Benchmarks.Variants;

/// <summary>
/// Writes each request as an ordinary EF application would: look up which events are there, add or change entities, save. Does for the rest of the
/// server what <see cref="IngestWorker"/> does, the hours to count anew included.
/// </summary>
internal sealed class EfWorker(IngestQueue queue, IDbContextFactory<FleetDb> databases) : BackgroundService
{
    private const int Writers = 16;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => RunAsync(stoppingToken), stoppingToken)));

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var request in queue.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                request.Written.SetResult(await WriteAsync([.. request.Rows.Select(r => r.Event)], cancellationToken));
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                request.Written.SetException(fault);
            }
        }
    }

    private async Task<IReadOnlyList<WriteResult>> WriteAsync(List<VisionEvent> rows, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (workspace, ids) = (rows[0].WorkspaceId, rows.ConvertAll(r => r.EventId));
        var there = await db.Events.Where(e => e.WorkspaceId == workspace && ids.Contains(e.EventId)).ToDictionaryAsync(e => e.EventId, cancellationToken);
        var results = rows.ConvertAll(row =>
        {
            if (!there.TryGetValue(row.EventId, out var old))
            {
                db.Add(row);
                return WriteResult.Created;
            }

            row.Key = old.Key;
            db.Entry(old).CurrentValues.SetValues(row);
            return WriteResult.Replaced;
        });
        db.AddRange(rows
            .Select(r => (r.UseCaseKey, Hour: r.Timestamp.AddTicks(-(r.Timestamp.Ticks % TimeSpan.TicksPerHour))))
            .Distinct()
            .Select(t => new TouchedHour { UseCaseKey = t.UseCaseKey, Hour = t.Hour }));
        await db.SaveChangesAsync(cancellationToken);
        return results;
    }
}
