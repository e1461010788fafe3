using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Checks a whole store without changing it: the pages of the journal, every row against its checksum, every number against the states it may
/// be in, the sums against a recount, every image against its name. Works beside a running agent too: all of the journal is read as of one instant.
/// </summary>
internal sealed class StoreCheck : IDisposable
{
    private const string OwnBytes = "length(body) + coalesce(length(images), 0)";
    private const int MaxOfAKind = 20;
    private const int OrphanHours = 1;

    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly Statements _sql;
    private readonly EpochNote _note;
    private readonly ImageFiles _files;
    private readonly List<StoreFinding> _findings = [];
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, long> _references = new(StringComparer.Ordinal);
    private readonly SeqSet _present = new();
    private SeqSet _held = new();
    private SeqSet _lost = new();
    private StoreTotals _totals;

    private StoreCheck(string folder, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        _note = new EpochNote(folder);
        _files = new ImageFiles(Path.Combine(folder, "images"), isReadOnly: true);
        _sql = new Statements(StoreSchema.OpenDamaged(Path.Combine(folder, "journal.db")));
    }

    /// <summary>What the store says of itself, and all that is wrong with it.</summary>
    public static StoreCheckResult Run(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        using var check = new StoreCheck(folder, time);
        try
        {
            return check.Run(cancellationToken);
        }
        catch (Exception e) when (Damage.Is(e) || Damage.IsOfRow(e))
        {
            check.Find("journal", e.Message);
            return check.Result(Guid.Empty, 0);
        }
    }

    public void Dispose() => _sql.Dispose();

    private StoreCheckResult Run(CancellationToken cancellationToken)
    {
        if (_sql.Number("PRAGMA user_version") is var version && version != StoreSchema.Version)
        {
            Find("version", $"the journal has version {version}, this fleet-agent checks {StoreSchema.Version}: start the agent once, it upgrades the store");
            return Result(Guid.Empty, 0);
        }

        _sql.Execute("BEGIN");
        CheckPages();
        var (epoch, noted) = JournalRows.Store(_sql);
        _totals = JournalRows.WithTail(_sql, noted);
        CheckNote(epoch);
        CheckMarks();
        CheckEvents(cancellationToken);
        CheckNumbers();
        CheckImages(cancellationToken);
        CheckTotals();
        return Result(epoch, _sql.Number("SELECT count(*) FROM parked"));
    }

    private void CheckPages()
    {
        using var rows = _sql.Query($"PRAGMA integrity_check({MaxOfAKind})");
        while (rows.Read())
        {
            if (rows.GetString(0) is not "ok" and var fault)
            {
                Find("page", fault);
            }
        }
    }

    private void CheckNote(Guid epoch)
    {
        if (!_note.IsWhole)
        {
            Find("note", "a slot of the file epoch is damaged; the agent writes it anew at its next start");
        }
        else if (_note.Epoch != epoch)
        {
            Find("epoch", $"the file epoch names {_note.Epoch}, the journal {epoch}: the journal was replaced");
        }
        else if (_totals.LastSeq < _note.AtLeast || _totals.LastSeq > _note.AtMost)
        {
            Find("epoch", $"the journal ends at number {_totals.LastSeq}, but {_note.AtLeast} to {_note.AtMost} were given out: it is an older copy, and goes on under a new epoch");
        }
    }

    private void CheckMarks()
    {
        _held = new SeqSet(Ascending("held", JournalRows.Held(_sql)));
        _lost = new SeqSet(Ascending("losses", JournalRows.Losses(_sql).ConvertAll(l => new SeqRange(l.From, l.Through))));
        foreach (var parked in new SeqSet(JournalRows.Parked(_sql)).Ranges)
        {
            foreach (var known in _held.Within(parked).Concat(_lost.Within(parked)))
            {
                Find("parked", $"{Text(known)} is parked, and held or lost as well", known);
            }
        }
    }

    private List<SeqRange> Ascending(string table, List<SeqRange> ranges)
    {
        for (var i = 0; i < ranges.Count; i++)
        {
            if (ranges[i].Through > _totals.LastSeq || (i > 0 && ranges[i].From <= ranges[i - 1].Through))
            {
                Find(table, $"{Text(ranges[i])} overlaps the one before it, or goes beyond the last number {_totals.LastSeq}", ranges[i]);
            }
        }

        return ranges;
    }

    private void CheckEvents(CancellationToken cancellationToken)
    {
        using var rows = _sql.Query("SELECT seq, id, use_case, device, body, images, bytes, received_at, checksum FROM events ORDER BY seq");
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seq = rows.GetInt64(0);
            _present.Add(new SeqRange(seq, seq));
            if (StoreReader.TryEvent(rows) is not { } whole)
            {
                Find("row", $"the row of event {seq} is damaged", new SeqRange(seq, seq));
                continue;
            }

            Refer(whole.Event.Images);
        }

        using (var uploads = _sql.Query("SELECT hash FROM uploads"))
        {
            while (uploads.Read())
            {
                Refer(uploads.GetString(0));
            }
        }

        using var drafts = _sql.Query("SELECT images FROM drafts WHERE images IS NOT NULL");
        while (drafts.Read())
        {
            Refer(drafts.GetFieldValue<byte[]>(0));
        }
    }

    private void Refer(byte[]? images)
    {
        foreach (var hash in StoredImages.Hashes(images))
        {
            Refer(hash);
        }
    }

    private void Refer(string hash) => _references[hash] = _references.GetValueOrDefault(hash) + 1;

    /// <summary>Every number that was given out has a row, or is held, or is lost.</summary>
    private void CheckNumbers()
    {
        foreach (var beyond in _present.Within(new SeqRange(_totals.LastSeq + 1, long.MaxValue - 1)))
        {
            Find("number", $"{Text(beyond)} is above the last number {_totals.LastSeq}", beyond);
        }

        var known = new SeqSet(_present.Ranges.Concat(_held.Ranges).Concat(_lost.Ranges));
        foreach (var gap in _totals.LastSeq == 0 ? [] : known.Gaps(new SeqRange(1, _totals.LastSeq)))
        {
            Find("number", $"{Text(gap)} has no row, and is neither held by the server nor declared lost", gap);
        }

        foreach (var parked in new SeqSet(JournalRows.Parked(_sql)).Ranges.SelectMany(_present.Gaps))
        {
            Find("parked", $"{Text(parked)} is parked and has no row", parked);
        }
    }

    private void CheckImages(CancellationToken cancellationToken)
    {
        using (var rows = _sql.Query("SELECT hash, bytes, refs FROM images"))
        {
            while (rows.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (hash, bytes, references) = (rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2));
                _references.Remove(hash, out var counted);
                if (counted != references)
                {
                    Find("image", $"image {hash} is counted {references} times and shown {counted} times");
                }

                CheckFile(hash, bytes);
            }
        }

        foreach (var (hash, count) in _references)
        {
            Find("image", $"image {hash} is shown {count} times and is not in the table of images");
        }

        var before = _time.GetUtcNow().AddHours(-OrphanHours);
        var orphans = Enumerable.Range(0, 256).SelectMany(f => _files.OlderThan(f, before)).Count(h => _sql.Scalar("SELECT 1 FROM images WHERE hash = $1", h) is null);
        if (orphans > 0)
        {
            _notes.Add($"{orphans} image files belong to no event; the agent deletes them within hours");
        }
    }

    private void CheckFile(string hash, long bytes)
    {
        var file = new FileInfo(_files.PathOf(hash));
        if (!file.Exists)
        {
            // A running agent may have deleted it since, row and all.
            if (IsStillReferred(hash))
            {
                Find("image", $"the file of image {hash} is gone");
            }
        }
        else if (file.Length != bytes || _files.Matches(hash) != true)
        {
            Find("image", $"the file of image {hash} is damaged");
        }
    }

    private bool IsStillReferred(string hash)
    {
        using var now = new Statements(StoreSchema.OpenDamaged(Path.Combine(_folder, "journal.db")));
        return now.Scalar("SELECT 1 FROM images WHERE hash = $1", hash) is not null;
    }

    private void CheckTotals()
    {
        var counted = new StoreTotals(
            _totals.LastSeq,
            _sql.Number("SELECT count(*) FROM events"),
            _sql.Number("SELECT count(*) FROM drafts"),
            _sql.Number("SELECT count(*) FROM images"),
            _sql.Number($"SELECT coalesce((SELECT sum({OwnBytes}) FROM events), 0) + coalesce((SELECT sum({OwnBytes}) FROM drafts), 0) + coalesce((SELECT sum(bytes) FROM images), 0)"),
            PendingBytes(),
            _sql.Number("SELECT sum(bytes) FROM images WHERE source_id IS NULL"));
        if (counted != _totals)
        {
            Find("sums", $"the journal says {_totals} and holds {counted}");
        }
    }

    private long PendingBytes()
    {
        var parked = new SeqSet(JournalRows.Parked(_sql));
        var done = new SeqSet(_held.Ranges.Concat(_lost.Ranges).Concat(parked.Ranges));
        return done.Gaps(new SeqRange(1, Math.Max(1, _totals.LastSeq)))
            .Sum(open => _sql.Number($"SELECT sum({OwnBytes}) FROM events WHERE seq BETWEEN $1 AND $2", open.From, open.Through));
    }

    private StoreCheckResult Result(Guid epoch, long parked)
    {
        var lost = new SeqSet(_lost.Ranges);
        foreach (var held in _held.Ranges)
        {
            lost.Remove(held);
        }

        if (_findings.Count == 0 && _sql.Number("SELECT count(*) FROM quarantine") is > 0 and var quarantined)
        {
            _notes.Add($"{quarantined} damaged rows were declared lost; what is left of them is in the table quarantine");
        }

        return new StoreCheckResult(epoch, _totals.LastSeq, _held.Count, lost.Count, parked, _totals.Records, _totals.Images, _findings, _notes)
        {
            HeldRanges = [.. _held.Ranges],
            LostRanges = [.. lost.Ranges],
        };
    }

    // A store that lost a folder of images has thousands of one kind: the first tell what it is, the last how many.
    private void Find(string code, string text, SeqRange? numbers = null)
    {
        var count = _findings.Count(f => f.Code == code);
        if (count < MaxOfAKind)
        {
            _findings.Add(new StoreFinding(code, text, numbers?.From, numbers?.Through));
        }
        else if (count == MaxOfAKind)
        {
            _findings.Add(new StoreFinding(code, "and more of these", null, null));
        }
    }

    private static string Text(SeqRange range) => range.From == range.Through ? $"number {range.From}" : $"numbers {range.From} to {range.Through}";
}
