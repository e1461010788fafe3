using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>
/// Writes what waits for the backup as one archive, for a device that no network reaches. It only reads, and may do so beside a running agent:
/// the events stay pending until the server's receipts say that they came, so an archive that is lost on the way costs nothing.
/// </summary>
internal sealed class BacklogExport(string store, string deviceId, string keyHash, BackupSettings backup, TimeProvider time)
{
    private const int BatchEvents = 100;
    private const long BatchBytes = 8 * 1024 * 1024;

    private readonly ImageFiles _files = ImageFiles.ToRead(Path.Combine(store, "images"));
    private readonly HashSet<string> _images = new(StringComparer.Ordinal);
    private readonly SeqSet _exported = new();
    private long _leftOut;

    /// <summary>Writes the archive; returns its manifest, and how many events stay behind because an image of theirs is gone, or they name no use case.</summary>
    public async Task<(ExportManifest Manifest, long LeftOut)> WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        var journal = Path.Combine(store, "journal.db");
        var state = new StoreState();
        using (var sql = new Statements(StoreSchema.OpenReader(journal)))
        {
            state.Load(sql);
        }

        using var reader = new StoreReader(new JournalFile(journal));
        await using var archive = new ExportWriter(target);
        var all = new SeqRange(1, state.Totals.LastSeq);
        foreach (var gap in state.Done.Gaps(all).ToList())
        {
            for (var next = gap.From; reader.Read(state.Epoch, gap with { From = next }, BatchEvents, BatchBytes, BackupOrder.OldestFirst) is { Count: > 0 } events; next = events[^1].Seq + 1)
            {
                await AddAsync(events, state.Epoch, archive, cancellationToken);
                if (events[^1].Seq == gap.Through)
                {
                    break;
                }
            }
        }

        var parked = state.Gone.Gaps(all).SelectMany(state.Done.Within).ToList();
        var manifest = new ExportManifest(
            ExportManifest.CurrentVersion, deviceId, state.Epoch, time.GetUtcNow(), state.Totals.LastSeq, _exported.Count, _images.Count,
            _exported.Ranges, state.Held.Ranges, parked, reader.UnreportedLosses(int.MaxValue), "");
        await archive.FinishAsync(manifest, keyHash, cancellationToken);
        return (manifest, _leftOut);
    }

    private async Task AddAsync(List<NumberedEvent> events, Guid epoch, ExportWriter archive, CancellationToken cancellationToken)
    {
        // The server names an image by its content as well, so that events can name it before it is there.
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        var whole = new List<NumberedEvent>(events.Count);
        foreach (var numbered in events)
        {
            var wanted = CloudBatch.Wanted(backup.Images, numbered.Event).Distinct().ToList();
            if ((numbered.Event.UseCase ?? backup.DefaultUseCaseId) is null || !await AddImagesAsync(wanted, archive, cancellationToken))
            {
                _leftOut++;
                continue;
            }

            wanted.ForEach(hash => sources[hash] = hash);
            whole.Add(numbered);
            _exported.Add(new SeqRange(numbered.Seq, numbered.Seq));
        }

        if (whole.Count > 0)
        {
            await archive.AddBatchAsync(new CloudBatch(epoch, deviceId, backup, sources, clock: null).Write(whole), cancellationToken);
        }
    }

    /// <summary>False when one of them is gone; the sync will tell why its event can not be sent.</summary>
    private async Task<bool> AddImagesAsync(List<string> hashes, ExportWriter archive, CancellationToken cancellationToken)
    {
        foreach (var hash in hashes.Where(h => !_images.Contains(h)))
        {
            try
            {
                await using var file = File.OpenRead(_files.PathOf(hash));
                await archive.AddImageAsync(hash, file, cancellationToken);
                _images.Add(hash);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return false;
            }
        }

        return true;
    }
}
