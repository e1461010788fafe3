using FleetManager.Contracts.Agents;
using FleetManager.Data;
using FleetManager.Data.Receipts;
using FleetManager.Server.Features.Keys;
using Microsoft.EntityFrameworkCore;
using ReceiptsAnswer = FleetManager.Contracts.Agents.Receipts;

namespace FleetManager.Server.Features.Receipts;

/// <summary>What the server holds of each device store, and what the device said will never come: the proof that nothing was lost (design 6).</summary>
internal sealed class ReceiptService(IDbContextFactory<FleetDb> databases, TimeProvider time)
{
    /// <summary>Empty for a store that has sent nothing.</summary>
    public async Task<ReceiptsAnswer> FindAsync(int deviceKey, Guid epoch, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var held = await HeldAsync(db, deviceKey, epoch, cancellationToken);
        var lost = await LostAsync(db, deviceKey, epoch, cancellationToken);
        return new ReceiptsAnswer(epoch, held, SeqRanges.Except(lost.Select(l => new SeqRange(l.From, l.Through)), held));
    }

    /// <summary>
    /// Writes down declared losses. Numbers that the server holds, or that were declared before, are left out, so that sending a report again changes
    /// nothing and the first reason stands.
    /// </summary>
    public async Task DeclareAsync(Caller device, LossReport report, CancellationToken cancellationToken)
    {
        var key = device.DeviceKey!.Value;
        await EnsureStoreAsync(device, report.Epoch, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Takes the store's row: two reports, or a report and a writer of events, do not run into each other.
        await db.DeviceStores.Where(s => s.DeviceKey == key && s.Epoch == report.Epoch)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.WorkspaceId, device.WorkspaceId), cancellationToken);

        var known = await HeldAsync(db, key, report.Epoch, cancellationToken);
        known.AddRange((await LostAsync(db, key, report.Epoch, cancellationToken)).Select(l => new SeqRange(l.From, l.Through)));
        foreach (var loss in report.Losses)
        {
            foreach (var range in SeqRanges.Except([new SeqRange(loss.From, loss.Through)], known))
            {
                known.Add(range);
                db.LossRanges.Add(new LossRange
                {
                    WorkspaceId = device.WorkspaceId,
                    DeviceKey = key,
                    Epoch = report.Epoch,
                    FromSeq = range.From,
                    ThroughSeq = range.Through,
                    Reason = loss.Reason,
                    At = loss.At.ToUniversalTime(),
                });
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>One entry per store that the device ever had, oldest first; empty when the workspace has no such device.</summary>
    public async Task<IReadOnlyList<StoreProof>> ProofAsync(int workspaceId, string deviceId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stores = await db.DeviceStores.AsNoTracking()
            .Where(s => db.Devices.Any(d => d.Key == s.DeviceKey && d.WorkspaceId == workspaceId && d.DeviceId == deviceId))
            .OrderBy(s => s.FirstSeenAt)
            .Select(s => new { s.DeviceKey, s.Epoch, s.FirstSeenAt })
            .ToListAsync(cancellationToken);
        var proofs = new List<StoreProof>(stores.Count);
        foreach (var store in stores)
        {
            proofs.Add(new StoreProof(
                store.Epoch,
                store.FirstSeenAt,
                await HeldAsync(db, store.DeviceKey, store.Epoch, cancellationToken),
                await LostAsync(db, store.DeviceKey, store.Epoch, cancellationToken)));
        }

        return proofs;
    }

    private async Task EnsureStoreAsync(Caller device, Guid epoch, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.DeviceStores.AnyAsync(s => s.DeviceKey == device.DeviceKey && s.Epoch == epoch, cancellationToken))
        {
            db.DeviceStores.Add(new DeviceStore
            {
                WorkspaceId = device.WorkspaceId,
                DeviceKey = device.DeviceKey!.Value,
                Epoch = epoch,
                FirstSeenAt = time.GetUtcNow(),
            });
            await UniqueSave.TryAsync(db, cancellationToken);
        }
    }

    private static Task<List<SeqRange>> HeldAsync(FleetDb db, int deviceKey, Guid epoch, CancellationToken cancellationToken) =>
        db.HeldRanges.AsNoTracking()
            .Where(r => r.DeviceKey == deviceKey && r.Epoch == epoch)
            .OrderBy(r => r.FromSeq)
            .Select(r => new SeqRange(r.FromSeq, r.ThroughSeq))
            .ToListAsync(cancellationToken);

    private static Task<List<DeclaredLoss>> LostAsync(FleetDb db, int deviceKey, Guid epoch, CancellationToken cancellationToken) =>
        db.LossRanges.AsNoTracking()
            .Where(r => r.DeviceKey == deviceKey && r.Epoch == epoch)
            .OrderBy(r => r.FromSeq)
            .Select(r => new DeclaredLoss(r.FromSeq, r.ThroughSeq, r.Reason, r.At))
            .ToListAsync(cancellationToken);
}
