using System.Collections.Concurrent;
using System.Data.Common;
using System.Threading.Channels;
using FleetManager.Data;
using FleetManager.Data.Devices;
using FleetManager.Server.Live;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Devices;

/// <summary>
/// Keeps the latest that was heard of each device and writes whatever is new in one transaction, at once when idle and at most every
/// 200 ms under load; pages are told after the commit. While the database fails nothing is lost that another report would not say again.
/// </summary>
internal sealed partial class StatusWriter(
    IDbContextFactory<FleetDb> databases,
    ChangeFeed changes,
    TimeProvider time,
    ILogger<StatusWriter> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_restStep = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_maxBackoff = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, StatusSlot> _slots = new();

    // Holds a device once at most, so its bound is the number of devices.
    private readonly Channel<StatusSlot> _queue = Channel.CreateUnbounded<StatusSlot>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Tells news of a device; <paramref name="tell"/> answers false when it was none, because something newer is known.</summary>
    public bool Hear(DeviceRef device, Func<StatusSlot, DateTimeOffset, bool> tell)
    {
        var slot = SlotOf(device);
        var isNews = tell(slot, time.GetUtcNow());
        if (isNews && slot.TryQueue())
        {
            _queue.Writer.TryWrite(slot);
        }

        return isNews;
    }

    /// <summary>The device's session began or ended.</summary>
    public void Connection(DeviceRef device, bool open) => Hear(device, (slot, now) =>
    {
        slot.Connection(open, now);
        return true;
    });

    /// <summary>The device's key was used on REST.</summary>
    public void Rest(DeviceRef device) => Hear(device, (slot, now) =>
    {
        if (now - slot.RestNotedAt < s_restStep)
        {
            return false;
        }

        slot.Rest(now);
        return true;
    });

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ForgetConnectionsAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Nobody is connected to a server that starts. That says nothing about the devices: without a time of change, their state is unknown.
    /// </summary>
    public async Task ForgetConnectionsAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.DeviceStatuses.Where(s => s.Connected).ExecuteUpdateAsync(
            s => s.SetProperty(d => d.Connected, false).SetProperty(d => d.ConnectionChangedAt, (DateTimeOffset?)null), cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync([.. _slots.Values.Where(s => s.HasNews)], cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            var batch = Drain().ToList();
            try
            {
                await WriteAsync(batch, stoppingToken);
                if (failures > 0)
                {
                    Log.Recovered(logger, failures);
                }

                failures = 0;
            }
            catch (Exception fault) when (fault is DbException or DbUpdateException or InvalidOperationException)
            {
                batch.ForEach(slot => _queue.Writer.TryWrite(slot));
                if (failures++ == 0)
                {
                    Log.WriteFailed(logger, fault, batch.Count);
                }
            }

            await Task.Delay(failures == 0 ? s_interval : Backoff(failures), time, stoppingToken);
        }
    }

    private StatusSlot SlotOf(DeviceRef device) => _slots.GetOrAdd(device.Key, static (_, d) => new StatusSlot(d), device);

    private IEnumerable<StatusSlot> Drain()
    {
        while (_queue.Reader.TryRead(out var slot))
        {
            yield return slot;
        }
    }

    private async Task WriteAsync(List<StatusSlot> slots, CancellationToken cancellationToken)
    {
        if (slots.Count == 0)
        {
            return;
        }

        var snapshots = slots.Select(s => s.Snapshot()).ToList();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            await DeviceStatusUpsert.WriteAsync(db, [.. snapshots.Select(s => s.Row)], cancellationToken);
        }
        catch (DbException)
        {
            // A device that was deleted meanwhile must not hold up the others.
            var known = await KnownAsync(snapshots.Select(s => s.Row.DeviceKey), cancellationToken);
            if (known.Count == snapshots.Count)
            {
                throw;
            }

            await DeviceStatusUpsert.WriteAsync(db, [.. snapshots.Select(s => s.Row).Where(r => known.Contains(r.DeviceKey))], cancellationToken);
        }

        for (var i = 0; i < slots.Count; i++)
        {
            if (!slots[i].Written(snapshots[i].Version))
            {
                _queue.Writer.TryWrite(slots[i]);
            }

            var device = slots[i].Device;
            changes.Publish(new Change(device.WorkspaceId, ChangeKind.Device, device.Id.Value));
        }
    }

    private async Task<HashSet<int>> KnownAsync(IEnumerable<int> keys, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Devices.Where(d => keys.Contains(d.Key)).Select(d => d.Key).ToHashSetAsync(cancellationToken);
    }

    private static TimeSpan Backoff(int failures)
    {
        var cap = Math.Min(s_maxBackoff.TotalMilliseconds, s_interval.TotalMilliseconds * Math.Pow(2, failures));
        return TimeSpan.FromMilliseconds(cap * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "The state of {Count} devices could not be written; trying again")]
        public static partial void WriteFailed(ILogger logger, Exception fault, int count);

        [LoggerMessage(2002, LogLevel.Information, "Device state is written again, after {Failures} failures")]
        public static partial void Recovered(ILogger logger, int failures);
    }
}
