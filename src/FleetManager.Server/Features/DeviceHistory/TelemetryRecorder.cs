using System.Collections.Concurrent;
using System.Data.Common;
using FleetManager.Contracts.Devices;
using FleetManager.Data;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.Devices;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>
/// Keeps the running slot of each device in memory and writes the slots that are over, many in one transaction. A crash costs the running
/// slots: telemetry is a picture, not a record. While the database fails, slots wait up to a bound, and past it the oldest go, which the log says.
/// </summary>
internal sealed partial class TelemetryRecorder(IDbContextFactory<FleetDb> databases, TimeProvider time, ILogger<TelemetryRecorder> logger) : BackgroundService
{
    private const int MaxWaiting = 100_000;
    private const int MaxBatch = 500;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, TelemetrySlot> _running = new();
    private readonly ConcurrentQueue<DeviceTelemetry> _over = new();

    /// <summary>Does not wait and does not throw.</summary>
    public void Hear(DeviceRef device, TelemetrySample sample, DateTimeOffset now)
    {
        var start = TelemetrySlot.StartOf(now);
        var slot = _running.GetOrAdd(device.Key, static (_, s) => new TelemetrySlot(s.device, s.start), (device, start));
        lock (slot)
        {
            if (slot.Start == start)
            {
                slot.Add(sample);
                return;
            }
        }

        var next = new TelemetrySlot(device, start);
        next.Add(sample);
        if (_running.TryUpdate(device.Key, next, slot))
        {
            Finish(slot);
        }
    }

    /// <summary>Writes the slots that ended before <paramref name="now"/>; throws when the database fails, and they still wait then.</summary>
    public async Task WriteAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (device, slot) in _running.Where(s => s.Value.Start + TelemetrySlot.Length <= now))
        {
            if (_running.TryRemove(KeyValuePair.Create(device, slot)))
            {
                Finish(slot);
            }
        }

        while (_over.Take(MaxBatch).ToList() is { Count: > 0 } batch)
        {
            await WriteAsync(batch, cancellationToken);
            for (var i = 0; i < batch.Count; i++)
            {
                _over.TryDequeue(out _);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(DateTimeOffset.MaxValue, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(time.GetUtcNow(), stoppingToken);
            }
            catch (Exception fault) when (fault is DbException or DbUpdateException or InvalidOperationException)
            {
                Log.WriteFailed(logger, fault, _over.Count);
                LimitWaiting();
            }
        }
    }

    private void Finish(TelemetrySlot slot)
    {
        lock (slot)
        {
            _over.Enqueue(slot.ToRow());
        }
    }

    private void LimitWaiting()
    {
        var dropped = 0;
        while (_over.Count > MaxWaiting && _over.TryDequeue(out _))
        {
            dropped++;
        }

        if (dropped > 0)
        {
            Log.Dropped(logger, dropped, MaxWaiting);
        }
    }

    private async Task WriteAsync(List<DeviceTelemetry> rows, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var devices = rows.Select(r => r.DeviceKey).Distinct().ToList();
        var starts = rows.Select(r => r.At).Distinct().ToList();
        var known = await db.Devices.Where(d => devices.Contains(d.Key)).Select(d => d.Key).ToHashSetAsync(cancellationToken);

        // A server that stopped within a slot wrote the first part of it; the last part is what is kept.
        var latest = rows.Where(r => known.Contains(r.DeviceKey)).GroupBy(r => (r.DeviceKey, r.At)).ToDictionary(g => g.Key, g => g.Last());
        var earlier = await db.DeviceTelemetry.Where(t => devices.Contains(t.DeviceKey) && starts.Contains(t.At)).ToListAsync(cancellationToken);
        db.DeviceTelemetry.RemoveRange(earlier.Where(t => latest.ContainsKey((t.DeviceKey, t.At))));
        await db.SaveChangesAsync(cancellationToken);
        db.DeviceTelemetry.AddRange(latest.Values);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(2031, LogLevel.Error, "Telemetry could not be written; {Count} slots wait")]
        public static partial void WriteFailed(ILogger logger, Exception fault, int count);

        [LoggerMessage(2032, LogLevel.Warning, "{Count} slots of telemetry were dropped: more than {Max} were waiting for the database")]
        public static partial void Dropped(ILogger logger, int count, int max);
    }
}
