using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// The event store: a journal and image files in one folder. An accepted event is on disk, numbered without a gap, and stays in exactly one
/// of four states: pending, held by the server, parked, declared lost. It knows no network.
/// </summary>
internal sealed partial class DeviceStore : IAsyncDisposable
{
    private static readonly TimeSpan s_mendPatience = TimeSpan.FromSeconds(1);

    private readonly StoreState _state = new();
    private readonly StoreWriter _writer;
    private readonly StoreReader _reader;
    private readonly PendingQueue _queue;
    private readonly EventFinder _finder;
    private readonly ImageFiles _files;
    private readonly FreeSpace _disk;
    private readonly Func<StorePolicy> _policy;
    private readonly TimeProvider _time;
    private readonly CapacityState _capacity = new();
    private int _sweptFolder;

    private DeviceStore(string folder, Func<StorePolicy> policy, ILogger logger, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        DurableFile.FlushDirectory(Path.GetDirectoryName(folder)!);
        (_policy, _time) = (policy, time);
        _files = new ImageFiles(Path.Combine(folder, "images"));
        _disk = new FreeSpace(folder, time);
        var keeper = new JournalKeeper(folder, _files, logger, time);
        _writer = new StoreWriter(new StoreTransaction(keeper, _state, _files, new FreeSpace(folder, time), time), logger, time);
        _reader = new StoreReader(keeper.Journal);
        _queue = new PendingQueue(_state, _reader, _writer);
        _finder = new EventFinder(_state, _reader);
        Usage = new UsageHistory(Path.Combine(folder, "usage.db"), logger);
    }

    /// <summary>Given when there is something new to send.</summary>
    public event Action? Arrived;

    /// <summary>Called when <see cref="CapacityBlocked"/> changes; must return at once.</summary>
    public event Action? CapacityChanged
    {
        add => _capacity.Changed += value;
        remove => _capacity.Changed -= value;
    }

    /// <summary>Whether events are refused for want of room; null until it was looked at.</summary>
    public bool? CapacityBlocked => _capacity.Blocked;

    /// <summary>See <see cref="StoreWriter.Commits"/>.</summary>
    public long Commits => _writer.Commits;

    public Guid Epoch => _state.Epoch;

    public static DeviceStore Open(string folder, Func<StorePolicy> policy, ILogger logger, TimeProvider time)
    {
        try
        {
            return new DeviceStore(folder, policy, logger, time);
        }
        catch (Exception e) when (e is SqliteException or IOException && Directory.Exists(folder) && new FreeSpace(folder, time).IsUsedUp)
        {
            throw new AgentFault($"the event store {folder} can not be opened, for its volume is full ({e.Message}): make room on it", e);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new AgentFault($"the event store {folder} can not be opened ({e.Message}): give this user the right to write it, or choose another directory with --data-dir", e);
        }
    }

    /// <summary>Stores an event. When this returns Accepted, the event survives a crash of the process and of the machine.</summary>
    public async Task<AcceptResult> AcceptAsync(NewEvent arrival, CancellationToken cancellationToken)
    {
        AcceptResult result;
        try
        {
            // While the store refuses, the writer decides first, so that refused images never touch the disk.
            if (_capacity.Blocked != true)
            {
                foreach (var image in arrival.Images)
                {
                    _files.Put(image);
                }
            }

            var policy = _policy();
            result = await _writer.WriteAsync(t => t.Accept(arrival, policy), cancellationToken, isUpkeep: false);
        }
        catch (Exception e) when (DiskFull.Is(e))
        {
            result = AcceptResult.Full;
        }

        _capacity.Record(result, arrival);
        if (result == AcceptResult.Accepted && !arrival.Draft)
        {
            Arrived?.Invoke();
        }

        return result;
    }

    /// <summary>Turns a draft into an event, which is then sent; false when there is no such draft or event.</summary>
    public async Task<bool> FinalizeAsync(string id, CancellationToken cancellationToken)
    {
        var known = await _writer.WriteAsync(t => t.Finalize(id), cancellationToken, isUpkeep: false);
        Arrived?.Invoke();
        return known;
    }

    /// <summary>Takes the next pending events, null when there are none.</summary>
    public Task<Lease?> LeaseAsync(int limit, long maxBytes, BackupOrder order, CancellationToken cancellationToken) =>
        _queue.LeaseAsync(limit, maxBytes, order, cancellationToken);

    /// <summary>Gives leased events back.</summary>
    public void Release(Guid epoch, IEnumerable<long> numbers) => _queue.Release(epoch, numbers);

    /// <summary>Writes down what became of leased events. Events in neither list stay leased.</summary>
    public async Task SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        var policy = _policy();
        var held = Settlement.Ranges(settlement.Held);
        await _writer.WriteAsync(
            settlement.Epoch,
            t =>
            {
                foreach (var range in held)
                {
                    t.MarkHeld(range);
                }

                foreach (var (seq, code, message) in settlement.Parked)
                {
                    t.Park(seq, code, message);
                }

                return policy.Backup.DeleteAfterBackup ? t.Trim(policy) : 0;
            },
            cancellationToken);
        Release(settlement.Epoch, settlement.Held.Concat(settlement.Parked.Select(p => p.Seq)));
        RefreshCapacity();
    }

    public string? SourceOf(string hash) => Read(r => r.SourceOf(hash));

    public string ImagePath(string hash) => _files.PathOf(hash);

    /// <summary>Whether the file of an image is still what its name says; null when it can not be read.</summary>
    public bool? ImageMatches(string hash) => _files.Matches(hash);

    public Task RememberSourceAsync(string hash, string sourceId, CancellationToken cancellationToken) =>
        _writer.WriteAsync(t => t.RememberSource(hash, sourceId), cancellationToken);

    /// <summary>Makes parked events pending again: those of one code, or all; returns how many.</summary>
    public async Task<long> RetryParkedAsync(string? code, CancellationToken cancellationToken)
    {
        var (all, slice) = (0L, 0);
        do
        {
            slice = await _writer.WriteAsync(t => t.Unpark(code), cancellationToken);
            all += slice;
        }
        while (slice > 0);
        Arrived?.Invoke();
        return all;
    }

    /// <summary>What this side takes as held, to be compared with what the server says: taken before asking it.</summary>
    public IReadOnlyList<SeqRange> HeldRanges()
    {
        lock (_state.Gate)
        {
            return [.. _state.Held.Ranges];
        }
    }

    /// <summary>
    /// Brings both sides together: what the server holds is held, what it was thought to hold before it was asked and does not is pending
    /// again if it is still here, and lost if it is not. A server that forgot events may have forgotten images too. Returns how many became pending.
    /// A server that holds what was never sent has it from another life of this store, of which this one is an older copy: the store goes on
    /// under a new epoch, so that no number means two events. Nothing may be on its way to the server meanwhile.
    /// </summary>
    public async Task<long> ReconcileAsync(Guid epoch, IReadOnlyList<SeqRange> thoughtHeld, IReadOnlyList<SeqRange> server, CancellationToken cancellationToken)
    {
        var really = new SeqSet(server);
        var missing = thoughtHeld.SelectMany(really.Gaps).ToList();
        var highest = server.Count == 0 ? 0 : server.Max(r => r.Through);
        var again = await _writer.WriteAsync(
            epoch,
            t =>
            {
                if (highest > t.LastSeq)
                {
                    return -1;
                }

                foreach (var range in server)
                {
                    t.MarkHeld(range);
                }

                if (missing.Count == 0)
                {
                    return 0;
                }

                t.ForgetSources();
                return missing.Sum(t.UnmarkHeld);
            },
            cancellationToken);
        if (again < 0)
        {
            await _writer.RunAloneAsync(
                t => t.Epoch == epoch ? t.Rebuild(new CopyPlan(NewEpoch: true, server, new SeqRange(1, highest))) : null,
                cancellationToken);
            again = 0;
        }

        Arrived?.Invoke();
        return again;
    }

    public IReadOnlyList<DeclaredLoss> UnreportedLosses(int limit) => Read(r => r.UnreportedLosses(limit));

    public Task MarkReportedAsync(LossReport report, CancellationToken cancellationToken) =>
        _writer.WriteAsync(
            report.Epoch,
            t =>
            {
                foreach (var loss in report.Losses)
                {
                    t.MarkReported(loss);
                }

                return report.Losses.Count;
            },
            cancellationToken);

    /// <summary>What a former epoch of this device has lost and the server does not know yet; null when there is nothing to tell.</summary>
    public LossReport? UnreportedFormerLosses(int limit) => Read(r => r.UnreportedFormerLosses(limit));

    public Task MarkFormerReportedAsync(LossReport report, CancellationToken cancellationToken) =>
        _writer.WriteAsync(t => t.MarkFormerReported(report), cancellationToken);

    /// <summary>Deletes what retention and caps let go of, in slices, so that producers are served in between.</summary>
    public async Task TrimAsync(CancellationToken cancellationToken)
    {
        var deleted = 0L;
        int slice;
        do
        {
            var policy = _policy();
            slice = await _writer.WriteAsync(t => t.Trim(policy), cancellationToken);
            deleted += slice;
        }
        while (slice > 0);

        while (deleted > 0 && await _writer.WriteAsync(t => t.Shrink(), cancellationToken) > 0)
        {
        }

        // One folder a call: a crash leaves few such files, and a full scan would grow with the store.
        var (folder, before) = (_sweptFolder++ % 256, _time.GetUtcNow().AddHours(-1));
        await _writer.WriteAsync(t => t.SweepImages(folder, before), cancellationToken);
        await _writer.WriteAsync(t => t.NoteAge(atOnce: false), cancellationToken);
        var now = _policy();
        await _writer.RunAloneAsync(t => t.TendDisk(now), cancellationToken);
        RefreshCapacity();
    }

    public IReadOnlyList<NumberedEvent> Latest(int limit) => Read(r => r.Latest(limit));

    /// <summary>What moves while events come and go; cheap enough for every second.</summary>
    public StoreProgress Progress()
    {
        lock (_state.Gate)
        {
            return new StoreProgress(_state.Totals.LastSeq, _state.Held.Count, _state.Done.Count, _state.Totals.Records, _state.Totals.Drafts);
        }
    }

    public StoreStats Stats()
    {
        var first = Read(r => r.FirstSeq());
        var oldest = _queue.OldestPending() is { } seq ? Read(r => r.ReceivedAt(seq)) : null;
        lock (_state.Gate)
        {
            return new StoreStats(
                _state.Epoch,
                first ?? _state.Totals.LastSeq + 1,
                _state.Gone.Prefix,
                _state.Totals,
                _state.Pending,
                _state.Held.Count,
                _state.Done.Count - _state.Gone.Count,
                [.. _state.ParkedReasons.Values.OrderByDescending(r => r.Count).Take(5)],
                _state.Gone.Count - _state.Held.Count,
                oldest,
                _disk.PercentUsed,
                _capacity.Blocked);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _writer.WriteAsync(t => t.NoteAge(atOnce: true), CancellationToken.None, isUpkeep: false);
        }
        catch (StoreFailedException)
        {
            // Then it goes on from the age of the last hour.
        }

        await _writer.DisposeAsync();
        _reader.Dispose();
        Usage.Dispose();
        _cleaning.Dispose();
    }

    private T Read<T>(Func<StoreReader, T> read) => Mended(() => read(_reader));

    /// <summary>
    /// Reads the journal; damage that shows is mended by the writer, and then it is read again. A large journal takes longer to mend than anybody
    /// waits here, for to wait keeps a thread from those that mend: then whoever found it asks again.
    /// </summary>
    private T Mended<T>(Func<T> read)
    {
        try
        {
            return Damage.Patiently(read);
        }
        catch (SqliteException e) when (Damage.Is(e))
        {
            return _writer.MendAsync(CancellationToken.None).Wait(s_mendPatience)
                ? read()
                : throw new StoreFailedException("the event store is damaged; what can be read of it is being copied, ask again in a moment", e);
        }
    }

    private void RefreshCapacity()
    {
        lock (_state.Gate)
        {
            _capacity.Refresh(_policy(), _state, _disk);
        }
    }
}
