using FleetManager.Contracts.Agents;
using FleetManager.Data;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Keeps what devices tell of themselves, once each.</summary>
internal sealed class DeviceEventIntake(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    private const int Attempts = 3;

    /// <summary>
    /// Keeps the events that are not there yet; all of them, or none when this throws. Safe to repeat: an event is known by its number. The
    /// batch must pass <see cref="DeviceEventForm"/>.
    /// </summary>
    public async Task StoreAsync(DeviceRef device, DeviceEventBatch batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; !await TryStoreAsync(device, batch, cancellationToken); attempt++)
        {
            // Only the same device with the same events at the same moment gets here, and then the next look finds them.
            if (attempt == Attempts)
            {
                throw new BusyException("the same events arrive several times at once");
            }
        }
    }

    private async Task<bool> TryStoreAsync(DeviceRef device, DeviceEventBatch batch, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (first, last) = (batch.Events.Min(e => e.Seq), batch.Events.Max(e => e.Seq));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = db.DeviceEvents.Where(e => e.DeviceKey == device.Key);
        var known = await rows.Where(e => e.Boot == batch.Boot && e.Seq >= first && e.Seq <= last).Select(e => e.Seq).ToHashSetAsync(cancellationToken);
        var before = new Dictionary<string, (string, string)?>();
        foreach (var happening in batch.Events.Where(e => !known.Contains(e.Seq)).OrderBy(e => e.Seq))
        {
            var entity = happening.EntityType;
            if (!before.TryGetValue(entity, out var said))
            {
                var row = await rows.Where(e => e.EntityType == entity && e.EntityId == device.Id.Value)
                    .OrderByDescending(e => e.Key)
                    .Select(e => new { e.Event, e.Description })
                    .FirstOrDefaultAsync(cancellationToken);
                said = row is null ? null : (row.Event, row.Description);
            }

            before[entity] = (happening.Event, happening.Description);
            db.DeviceEvents.Add(new DeviceEvent
            {
                WorkspaceId = device.WorkspaceId,
                DeviceKey = device.Key,
                EntityType = entity,
                EntityId = device.Id.Value,
                Event = happening.Event,
                Description = happening.Description,
                DeviceAt = happening.At.ToUniversalTime().AddTicks(-(happening.At.Ticks % TimeSpan.TicksPerMicrosecond)),
                At = now,
                IsRepeat = said == before[entity],
                Boot = batch.Boot,
                Seq = happening.Seq,
            });
        }

        return await UniqueSave.TryAsync(db, cancellationToken);
    }
}
