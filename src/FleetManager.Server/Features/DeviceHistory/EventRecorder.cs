using System.Data.Common;
using System.Threading.Channels;
using FleetManager.Data;
using FleetManager.Data.Devices;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>
/// Writes device events beside the hot path, many in one transaction. While the database fails they wait; past the bound new ones are left
/// out, which the log says. Knows the last row of each entity, so that a repeat is marked.
/// </summary>
internal sealed partial class EventRecorder(IDbContextFactory<FleetDb> databases, TimeProvider time, ILogger<EventRecorder> logger) : BackgroundService
{
    private const int MaxWaiting = 50_000;
    private const int MaxBatch = 500;
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private readonly Channel<Recording> _queue = Channel.CreateBounded<Recording>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Dictionary<(int, string), (string Event, string Description)?> _written = [];
    private readonly List<Recording> _batch = [];
    private int _leftOut;

    /// <summary>Does not wait and does not throw.</summary>
    public void Record(Recording recording)
    {
        if (!_queue.Writer.TryWrite(recording))
        {
            Interlocked.Increment(ref _leftOut);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (Fill())
        {
            await WriteAsync(_batch, cancellationToken);
            _batch.Clear();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            Fill();
            while (!await TryWriteAsync(stoppingToken))
            {
                await Task.Delay(s_retry, time, stoppingToken);
            }

            if (Interlocked.Exchange(ref _leftOut, 0) is > 0 and var count)
            {
                Log.LeftOut(logger, count, MaxWaiting);
            }
        }
    }

    /// <summary>What is in the batch already stays: a stop in the middle of a write loses nothing.</summary>
    private bool Fill()
    {
        while (_batch.Count < MaxBatch && _queue.Reader.TryRead(out var recording))
        {
            _batch.Add(recording);
        }

        return _batch.Count > 0;
    }

    private async Task<bool> TryWriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(_batch, cancellationToken);
            _batch.Clear();
            return true;
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException or InvalidOperationException)
        {
            Log.WriteFailed(logger, fault, _batch.Count);
            return false;
        }
    }

    private async Task WriteAsync(List<Recording> batch, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);

        // A device that was deleted meanwhile must not hold up the others.
        var devices = batch.Select(r => r.Device.Key).Distinct().ToList();
        var known = await db.Devices.Where(d => devices.Contains(d.Key)).Select(d => d.Key).ToHashSetAsync(cancellationToken);
        var last = new Dictionary<(int, string), (string Event, string Description)?>();
        foreach (var recording in batch.Where(r => known.Contains(r.Device.Key)))
        {
            var what = (recording.What.Name, recording.What.Description);
            var before = last.TryGetValue(recording.Key, out var row) ? row : await LastAsync(db, recording, cancellationToken);
            last[recording.Key] = what;
            db.DeviceEvents.Add(RowOf(recording, before == what));
        }

        await db.SaveChangesAsync(cancellationToken);

        // Only what is in the database counts as written: a failed batch is judged anew.
        foreach (var (key, row) in last)
        {
            _written[key] = row;
        }
    }

    private async Task<(string Event, string Description)?> LastAsync(FleetDb db, Recording recording, CancellationToken cancellationToken)
    {
        if (_written.TryGetValue(recording.Key, out var written))
        {
            return written;
        }

        var last = await db.DeviceEvents.AsNoTracking()
            .Where(e => e.DeviceKey == recording.Device.Key && e.EntityType == recording.Entity && e.EntityId == recording.Device.Id.Value)
            .OrderByDescending(e => e.Key)
            .Select(e => new { e.Event, e.Description })
            .FirstOrDefaultAsync(cancellationToken);
        return last is null ? null : (last.Event, last.Description);
    }

    private static DeviceEvent RowOf(Recording recording, bool repeats) => new()
    {
        WorkspaceId = recording.Device.WorkspaceId,
        DeviceKey = recording.Device.Key,
        EntityType = recording.Entity,
        EntityId = recording.Device.Id.Value,
        Event = recording.What.Name,
        Description = recording.What.Description,
        DeviceAt = recording.DeviceAt,
        At = recording.At,
        IsRepeat = repeats,
    };

    private static partial class Log
    {
        [LoggerMessage(2021, LogLevel.Error, "{Count} device events could not be written; trying again")]
        public static partial void WriteFailed(ILogger logger, Exception fault, int count);

        [LoggerMessage(2022, LogLevel.Warning, "{Count} device events were left out: {Max} were waiting for the database")]
        public static partial void LeftOut(ILogger logger, int count, int max);
    }
}
