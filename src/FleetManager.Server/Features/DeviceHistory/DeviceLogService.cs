using FleetManager.Contracts.Agents;
using FleetManager.Data;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>Which lines of a log to show, the newest first. Empty lists leave nothing out.</summary>
internal sealed record LogQuery(
    DateTimeOffset? From,
    DateTimeOffset? Before,
    IReadOnlyList<string> Services,
    IReadOnlyList<string> Severities,
    RowCursor? After,
    int Limit);

/// <summary>Keeps what devices log, and shows it.</summary>
internal sealed class DeviceLogService(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    private const int Attempts = 3;

    /// <summary>
    /// Keeps the lines that are not there yet; all of them, or none when this throws. Safe to repeat: a line is known by its number. The
    /// batch must pass <see cref="LogBatchForm"/>.
    /// </summary>
    public async Task StoreAsync(DeviceRef device, LogBatch batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; !await TryStoreAsync(device, batch, cancellationToken); attempt++)
        {
            // Only the same device with the same lines at the same moment gets here, and then the next look finds them.
            if (attempt == Attempts)
            {
                throw new BusyException("the same lines arrive several times at once");
            }
        }
    }

    /// <summary>One line more than the limit, when there are more; the device must be one of the caller's workspace.</summary>
    public async Task<List<DeviceLog>> QueryAsync(int deviceKey, LogQuery query, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var lines = db.DeviceLogs.AsNoTracking().Where(l => l.DeviceKey == deviceKey);
        lines = query.From is { } from ? lines.Where(l => l.At >= from) : lines;
        lines = query.Before is { } before ? lines.Where(l => l.At <= before) : lines;
        lines = query.Services.Count > 0 ? lines.Where(l => query.Services.Contains(l.Service)) : lines;
        lines = query.Severities.Count > 0 ? lines.Where(l => query.Severities.Contains(l.Severity)) : lines;
        lines = query.After is { } after ? lines.Where(l => l.At < after.At || (l.At == after.At && l.Key < after.Key)) : lines;
        return await lines.OrderByDescending(l => l.At).ThenByDescending(l => l.Key).Take(query.Limit + 1).ToListAsync(cancellationToken);
    }

    private async Task<bool> TryStoreAsync(DeviceRef device, LogBatch batch, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (first, last) = (batch.Lines.Min(l => l.Seq), batch.Lines.Max(l => l.Seq));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.DeviceLogs
            .Where(l => l.DeviceKey == device.Key && l.Boot == batch.Boot && l.Seq >= first && l.Seq <= last)
            .Select(l => l.Seq)
            .ToHashSetAsync(cancellationToken);
        db.DeviceLogs.AddRange(batch.Lines.Where(l => !known.Contains(l.Seq)).Select(line => new DeviceLog
        {
            WorkspaceId = device.WorkspaceId,
            DeviceKey = device.Key,
            Boot = batch.Boot,
            Seq = line.Seq,
            At = line.At.ToUniversalTime().AddTicks(-(line.At.Ticks % TimeSpan.TicksPerMicrosecond)),
            ReceivedAt = now,
            Severity = LogSeverities.Normalize(line.Severity)!,
            Service = line.Service,
            Message = line.Message,
        }));
        return await UniqueSave.TryAsync(db, cancellationToken);
    }
}
