using FleetManager.Contracts.Agents;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Copies a journal into a new one, row by row, as far as it can be read. What could not be read of an event that the server does not hold is
/// declared lost; what could not be read of the marks is as if it had never been written, so that such events are sent again.
/// </summary>
internal sealed class JournalCopy(string from, string to, ImageFiles files, EpochNote note, CopyPlan plan, TimeProvider time) : IDisposable
{
    private const string InsertLoss = "INSERT OR IGNORE INTO losses (first, last, reason, at, reported, checksum) VALUES ($1, $2, $3, $4, $5, $6)";
    private const string InsertFormer = "INSERT OR IGNORE INTO former_losses (epoch, first, last, reason, at, reported) VALUES ($1, $2, $3, $4, $5, $6)";

    private readonly Statements _source = new(StoreSchema.OpenDamaged(from));
    private readonly SeqSet _held = new();
    private readonly SeqSet _lost = new();
    private readonly SeqSet _present = new();
    private readonly Dictionary<long, (string Code, string Message, long At)> _parked = [];
    private List<(DeclaredLoss Loss, long Reported)> _losses = [];
    private Dictionary<string, (long Bytes, string? Source)> _images = [];
    private Statements _target = null!;
    private Guid _epoch;
    private long _lastSeq;
    private long _records;

    public CopyResult Run()
    {
        ReadStore();
        ReadMarks();
        var epoch = plan.NewEpoch ? Guid.NewGuid() : _epoch;
        _target = new Statements(StoreSchema.CreateNew(to, epoch, plan.NewEpoch ? _epoch : null));
        _target.Execute("BEGIN");
        CopyEvents();
        CopyDrafts();
        CopyUploads();
        CopyFormerLosses();
        CopyAges();
        var lost = plan.NewEpoch ? DeclareFormer() : DeclareDamaged();
        WriteTotals(epoch, plan.NewEpoch ? _records : _lastSeq);
        _target.Execute("COMMIT");
        return new CopyResult(epoch, _records, lost);
    }

    public void Dispose()
    {
        _source.Dispose();
        _target?.Dispose();
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private void ReadStore()
    {
        var top = SalvageReader.Rows(_source, "SELECT coalesce(max(seq), 0) FROM events", null, r => r.GetInt64(0));
        try
        {
            (_epoch, var totals) = JournalRows.Store(_source);
            _lastSeq = totals.LastSeq;
        }
        catch (Exception e) when (Damage.Is(e) && top.Count > 0 && note.Epoch is not null)
        {
            (_epoch, _lastSeq) = (note.Epoch!.Value, note.AtMost);
        }

        // Events came after the sums were written. Where the last of them can not be read, the note's bound sees to it that no number is given twice.
        var known = note.Epoch == _epoch;
        _lastSeq = top is [var last]
            ? Math.Max(Math.Max(_lastSeq, last), known && !plan.NewEpoch ? note.AtLeast : 0)
            : Math.Max(_lastSeq, known ? note.AtMost : 0);
    }

    private void ReadMarks()
    {
        foreach (var range in SalvageReader.Rows(_source, "SELECT first, last, checksum FROM held ORDER BY first", "SELECT first, last, checksum FROM held ORDER BY first DESC", r => Range(r)))
        {
            _held.Add(range!.Value);
        }

        const string losses = "SELECT first, last, checksum, reason, at, reported FROM losses ORDER BY first";
        _losses = [.. SalvageReader.Rows(_source, losses, losses + " DESC", Loss).Select(l => l!.Value)];
        foreach (var (loss, _) in _losses)
        {
            _lost.Add(new SeqRange(loss.From, loss.Through));
        }

        // A page that was hit can also say too little without a fault; what is marked, or was given out, has been.
        _lastSeq = plan.NewEpoch ? _lastSeq : new[] { _lastSeq, plan.Issued?.Through ?? 0, Last(_held), Last(_lost) }.Max();
        const string parked = "SELECT seq, code, message, at FROM parked ORDER BY seq";
        foreach (var (seq, why) in SalvageReader.Rows(_source, parked, parked + " DESC", r => (r.GetInt64(0), (r.GetString(1), r.GetString(2), r.GetInt64(3)))))
        {
            _parked[seq] = why;
        }

        const string images = "SELECT hash, bytes, source_id FROM images ORDER BY hash";
        _images = SalvageReader.Rows(_source, images, images + " DESC", r => (r.GetString(0), (r.GetInt64(1), r.IsDBNull(2) ? null : r.GetString(2))))
            .DistinctBy(i => i.Item1).ToDictionary(i => i.Item1, i => i.Item2, StringComparer.Ordinal);
    }

    private void CopyEvents()
    {
        var serverHeld = new SeqSet(plan.ServerHeld);
        foreach (var stored in SalvageReader.Events(_source, _lastSeq))
        {
            var isHeld = _held.Contains(stored.Seq);
            if (isHeld && (plan.WithoutHeld || (plan.NewEpoch && serverHeld.Contains(stored.Seq))))
            {
                continue;
            }

            // The same id under two numbers is damage as well; the first stands.
            var seq = plan.NewEpoch ? _records + 1 : stored.Seq;
            var at = stored.ReceivedAt.ToUnixTimeMilliseconds();
            var e = stored.Event;
            if (_target.Execute(
                "INSERT OR IGNORE INTO events (seq, id, received_at, use_case, device, body, images, bytes, checksum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                seq, e.Id, at, e.UseCase, e.Device, e.Body, e.Images, stored.Bytes, RowSum.Of(seq, at, e)) == 0)
            {
                continue;
            }

            _records++;
            Refer(e.Images);
            _present.Add(new SeqRange(stored.Seq, stored.Seq));
            if (!isHeld && _parked.TryGetValue(stored.Seq, out var why))
            {
                _target.Execute("INSERT INTO parked (seq, code, message, at) VALUES ($1, $2, $3, $4)", seq, why.Code, why.Message, why.At);
            }
        }
    }

    private void Refer(byte[]? images)
    {
        foreach (var hash in StoredImages.Hashes(images))
        {
            Refer(hash);
        }
    }

    private void Refer(string hash)
    {
        var file = new FileInfo(files.PathOf(hash));
        var (bytes, source) = _images.GetValueOrDefault(hash, (file.Exists ? file.Length : 0, null));
        _target.Execute("INSERT INTO images (hash, bytes, refs, source_id) VALUES ($1, $2, 1, $3) ON CONFLICT (hash) DO UPDATE SET refs = refs + 1", hash, bytes, source);
    }

    private void CopyUploads()
    {
        const string uploads = "SELECT hash, at FROM uploads ORDER BY hash";
        foreach (var (hash, at) in SalvageReader.Rows(_source, uploads, uploads + " DESC", r => (Hash: r.GetString(0), At: r.GetInt64(1))).DistinctBy(u => u.Hash))
        {
            _target.Execute("INSERT INTO uploads (hash, at) VALUES ($1, $2)", hash, at);
            Refer(hash);
        }
    }

    private void CopyDrafts()
    {
        const string drafts = "SELECT id, received_at, use_case, device, body, images, bytes FROM drafts ORDER BY id";
        foreach (var row in SalvageReader.Rows(_source, drafts, drafts + " DESC", r => Enumerable.Range(0, 7).Select(r.GetValue).ToArray()).DistinctBy(r => r[0]))
        {
            _target.Execute("INSERT OR IGNORE INTO drafts (id, received_at, use_case, device, body, images, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7)", row);
            Refer(row[5] as byte[]);
        }
    }

    private void CopyFormerLosses()
    {
        const string former = "SELECT epoch, first, last, reason, at, reported FROM former_losses ORDER BY epoch, first";
        foreach (var row in SalvageReader.Rows(_source, former, former.Replace("epoch, first", "epoch DESC, first DESC", StringComparison.Ordinal), r => Enumerable.Range(0, 6).Select(r.GetValue).ToArray()))
        {
            _target.Execute(InsertFormer, row);
        }
    }

    private void CopyAges()
    {
        // A journal whose ages can not be read, or whose numbers change, holds events that count as new.
        if (!plan.NewEpoch && SalvageReader.Rows(_source, "SELECT age, age_wall FROM store", null, r => (Age: r.GetInt64(0), Wall: r.GetInt64(1))) is [var (age, wall)])
        {
            _target.Execute("UPDATE store SET age = $1, age_wall = $2", age, wall);
            foreach (var (seq, at) in SalvageReader.Rows(_source, "SELECT seq, at FROM ages ORDER BY seq", null, r => (r.GetInt64(0), r.GetInt64(1))))
            {
                _target.Execute("INSERT INTO ages (seq, at) VALUES ($1, $2)", seq, Math.Min(at, age));
            }
        }

        _target.Execute("INSERT OR IGNORE INTO ages (seq, at) SELECT min(seq), (SELECT age FROM store) FROM events HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM ages)");
    }

    private long DeclareDamaged()
    {
        foreach (var range in _held.Ranges)
        {
            _target.Execute("INSERT INTO held (first, last, checksum) VALUES ($1, $2, $3)", range.From, range.Through, RowSum.Of(range.From, range.Through));
        }

        foreach (var (loss, reported) in _losses)
        {
            _target.Execute(InsertLoss, loss.From, loss.Through, loss.Reason, loss.At.ToUnixTimeMilliseconds(), reported, RowSum.Of(loss.From, loss.Through, loss.Reason));
        }

        var accounted = new SeqSet(_held.Ranges.Concat(_lost.Ranges).Concat(_present.Ranges));
        var damaged = _lastSeq == 0 ? [] : accounted.Gaps(new SeqRange(1, _lastSeq)).ToList();
        foreach (var gap in damaged)
        {
            _target.Execute(InsertLoss, gap.From, gap.Through, "damaged", Now, 0, RowSum.Of(gap.From, gap.Through, "damaged"));
        }

        return damaged.Sum(g => g.Count);
    }

    /// <summary>
    /// The books of the old epoch are closed: what it had pending has other numbers now, and what it gave out beyond this copy is not here. The
    /// server takes no loss for what it holds.
    /// </summary>
    private long DeclareFormer()
    {
        var epoch = _epoch.ToString();
        foreach (var (loss, reported) in _losses)
        {
            _target.Execute(InsertFormer, epoch, loss.From, loss.Through, loss.Reason, loss.At.ToUnixTimeMilliseconds(), reported);
        }

        var accounted = new SeqSet(_held.Ranges.Concat(_lost.Ranges).Concat(plan.ServerHeld));
        var (renumbered, beyond) = (Gaps(1, _lastSeq), Gaps(_lastSeq + 1, plan.Issued?.Through ?? 0));
        foreach (var (gap, reason) in renumbered.Select(g => (g, "renumbered")).Concat(beyond.Select(g => (g, "store_restored"))))
        {
            _target.Execute(InsertFormer, epoch, gap.From, gap.Through, reason, Now, 0);
        }

        return beyond.Sum(g => g.Count);

        List<SeqRange> Gaps(long first, long last) => first > last ? [] : [.. accounted.Gaps(new SeqRange(first, last))];
    }

    private void WriteTotals(Guid epoch, long lastSeq)
    {
        const string own = "length(body) + coalesce(length(images), 0)";
        var totals = new StoreTotals(
            lastSeq,
            _records,
            _target.Number("SELECT count(*) FROM drafts"),
            _target.Number("SELECT count(*) FROM images"),
            _target.Number($"SELECT coalesce((SELECT sum({own}) FROM events), 0) + coalesce((SELECT sum({own}) FROM drafts), 0) + coalesce((SELECT sum(bytes) FROM images), 0)"),
            _target.Number($"SELECT sum({own}) FROM events WHERE NOT EXISTS (SELECT 1 FROM held WHERE first = (SELECT max(first) FROM held WHERE first <= seq) AND last >= seq) AND seq NOT IN (SELECT seq FROM parked)"),
            _target.Number("SELECT sum(bytes) FROM images WHERE source_id IS NULL"));
        _target.Execute(
            "UPDATE store SET last_seq = $1, records = $2, drafts = $3, images = $4, bytes = $5, pending_bytes = $6, unsent_bytes = $7, checksum = $8",
            totals.LastSeq, totals.Records, totals.Drafts, totals.Images, totals.Bytes, totals.PendingBytes, totals.UnsentBytes, JournalRows.SumOf(epoch, totals));
    }

    private static long Last(SeqSet numbers) => numbers.Ranges.Count == 0 ? 0 : numbers.Ranges[^1].Through;

    private static SeqRange? Range(SqliteDataReader row)
    {
        var range = new SeqRange(row.GetInt64(0), row.GetInt64(1));
        return range.From >= 1 && range.From <= range.Through && RowSum.Passes(row.GetValue(2), RowSum.Of(range.From, range.Through)) ? range : null;
    }

    private static (DeclaredLoss Loss, long Reported)? Loss(SqliteDataReader row)
    {
        var loss = new DeclaredLoss(row.GetInt64(0), row.GetInt64(1), row.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)));
        var passes = loss.From >= 1 && loss.From <= loss.Through && RowSum.Passes(row.GetValue(2), RowSum.Of(loss.From, loss.Through, loss.Reason));
        return passes ? (loss, row.GetInt64(5)) : null;
    }
}
