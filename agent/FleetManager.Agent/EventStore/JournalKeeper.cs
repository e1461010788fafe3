using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Opens the journal in whatever state it is: new, of an older version, cut off in the middle of a replacement, damaged, an older copy of
/// itself, or gone. It always ends with a journal that takes events, and with every loss declared that can be named.
/// </summary>
internal sealed partial class JournalKeeper
{
    // Complete, and about to take the journal's place: whoever finds it goes on with that.
    private const string Ready = "journal.ready";
    private const string UnderWay = "journal.copy";

    private static readonly string[] s_parts = ["journal.db", "journal.db-wal", "journal.db-shm"];

    private readonly string _folder;
    private readonly ImageFiles _files;
    private readonly EpochNote _note;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    public JournalKeeper(string folder, ImageFiles files, ILogger logger, TimeProvider time)
    {
        (_folder, _files, _logger, _time) = (folder, files, logger, time);
        Journal = new JournalFile(At(s_parts[0]));
        Spare = new Reserve(folder);
        Aside = new Aside(folder, time);
        _note = new EpochNote(folder);
    }

    public JournalFile Journal { get; }

    public Reserve Spare { get; }

    public Aside Aside { get; }

    /// <summary>Opens the journal and reads its state.</summary>
    public Statements Open(StoreState state)
    {
        File.Delete(At(UnderWay));
        if (File.Exists(At(Ready)))
        {
            Swap();
        }

        var sql = Load(state) ?? Mend(state);
        if (IsOlderCopy(state, out var issued))
        {
            Log.OlderCopy(_logger, state.Epoch, state.Totals.LastSeq, issued.Through);
            sql.Dispose();
            Copy(new CopyPlan(NewEpoch: true, [], issued));
            Swap();
            sql.Reopen(Connect());
            state.Load(sql);
        }

        Reserve(state.Epoch, state.Totals.LastSeq, state.Totals.LastSeq);
        return sql;
    }

    /// <summary>A connection to the journal as it is.</summary>
    public SqliteConnection Connect()
    {
        if (!File.Exists(Journal.Path))
        {
            CreateNew();
            File.Move(At(UnderWay), Journal.Path);
            DurableFile.FlushDirectory(_folder);
        }

        try
        {
            return StoreSchema.OpenWriter(Journal.Path, KeepCopy);
        }
        catch (SqliteException e) when (!Damage.Is(e) && Spare.Release())
        {
            // WAL mode needs two more files: on a volume that is full to the last byte or inode they have room only now.
            return StoreSchema.OpenWriter(Journal.Path, KeepCopy);
        }
    }

    /// <summary>Makes sure that the note covers a number before it is given out.</summary>
    public void Reserve(Guid epoch, long committed, long last)
    {
        if (_note.Epoch != epoch || last > _note.AtMost || !_note.IsWhole)
        {
            _note.Write(epoch, committed, last > committed ? last + EpochNote.Step : last);
        }
    }

    /// <summary>Does not throw: a note that says less is true as well.</summary>
    public void Close(Guid epoch, long last)
    {
        try
        {
            _note.Write(epoch, last, last);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>
    /// Makes the journal that <see cref="Swap"/> puts in the place of this one: a copy of what can be read or, where that is nothing, a new one
    /// under a new epoch that declares the old one lost.
    /// </summary>
    public CopyResult Copy(CopyPlan plan)
    {
        CopyResult result;
        try
        {
            using var copy = new JournalCopy(Journal.Path, At(UnderWay), _files, _note, HasRoomFor(plan) ? plan : plan with { WithoutHeld = true }, _time);
            result = copy.Run();
            Log.Copied(_logger, result.Records, result.Lost, result.Epoch);
        }
        catch (Exception e) when (!Damage.IsOfDisk(e) && (Damage.Is(e) || Damage.IsOfRow(e)))
        {
            // Not for a disk that gives nothing: another start may find it well again, and the events with it.
            Log.Unreadable(_logger, Journal.Path, e);
            result = CreateNew();
        }

        File.Move(At(UnderWay), At(Ready), overwrite: true);
        DurableFile.FlushDirectory(_folder);
        return result;
    }

    /// <summary>Puts the finished copy in the place of the journal. Nobody may write. A crash at any point of it is gone on with at the next start.</summary>
    public void Swap() => Journal.Replace(() =>
    {
        if (File.Exists(Journal.Path))
        {
            var aside = Aside.Make(Aside.Damaged);

            // The journal last: while it is there, a crash in between changes nothing.
            foreach (var part in s_parts.Reverse().Where(p => File.Exists(At(p))))
            {
                File.Move(At(part), Path.Combine(aside, part), overwrite: true);
            }
        }

        File.Move(At(Ready), Journal.Path, overwrite: true);
        DurableFile.FlushDirectory(_folder);
    });

    private Statements? Load(StoreState state)
    {
        Statements? sql = null;
        try
        {
            return Damage.Patiently(() =>
            {
                sql?.Dispose();
                sql = new Statements(Connect());
                state.Load(sql);
                return sql;
            });
        }
        catch (Exception e) when (Damage.Is(e) || Damage.IsOfRow(e))
        {
            Log.Damaged(_logger, Journal.Path, e);
            sql?.Dispose();
            return null;
        }
    }

    private Statements Mend(StoreState state)
    {
        Copy(new CopyPlan());
        Swap();
        var sql = new Statements(Connect());
        state.Load(sql);
        return sql;
    }

    // What the server holds is only a copy; the rest must fit.
    private bool HasRoomFor(CopyPlan plan)
    {
        var size = new FileInfo(Journal.Path).Length;
        return plan.WithoutHeld || new DriveInfo(_folder).AvailableFreeSpace > size || (Spare.Release() && new DriveInfo(_folder).AvailableFreeSpace > size);
    }

    /// <summary>A journal of a new epoch. If there is a note there was an epoch before, and all that it gave out is gone from here.</summary>
    private CopyResult CreateNew()
    {
        var epoch = Guid.NewGuid();
        using var sql = new Statements(StoreSchema.CreateNew(At(UnderWay), epoch, _note.Epoch));
        if (_note is not { Epoch: { } former, AtMost: > 0 and var last })
        {
            return new CopyResult(epoch, 0, 0);
        }

        Log.Lost(_logger, former, last);
        sql.Execute(
            "INSERT INTO former_losses (epoch, first, last, reason, at, reported) VALUES ($1, 1, $2, 'store_lost', $3, 0)",
            former.ToString(), last, _time.GetUtcNow().ToUnixTimeMilliseconds());
        return new CopyResult(epoch, 0, last);
    }

    private bool IsOlderCopy(StoreState state, out SeqRange issued)
    {
        issued = new SeqRange(1, _note.AtLeast);
        return _note.Epoch == state.Epoch && _note.AtLeast > state.Totals.LastSeq;
    }

    private void KeepCopy(SqliteConnection connection, long version)
    {
        if (new DriveInfo(_folder).AvailableFreeSpace < 2 * new FileInfo(Journal.Path).Length)
        {
            Log.NoCopy(_logger, version);
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $1";
        command.Parameters.AddWithValue("$1", Path.Combine(Aside.Make($"version-{version}"), s_parts[0]));
        command.ExecuteNonQuery();
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static partial class Log
    {
        [LoggerMessage(102, LogLevel.Error, "The event store {Path} is damaged; what can be read of it is kept, and the rest is declared lost")]
        public static partial void Damaged(ILogger logger, string path, Exception exception);

        [LoggerMessage(103, LogLevel.Error, "The event store {Path} can not be read at all; it is set aside and a new epoch begins")]
        public static partial void Unreadable(ILogger logger, string path, Exception exception);

        [LoggerMessage(104, LogLevel.Warning, "The event store was copied anew: {Records} events are in it, {Lost} are lost; its epoch is {Epoch}")]
        public static partial void Copied(ILogger logger, long records, long lost, Guid epoch);

        [LoggerMessage(105, LogLevel.Error, "The event store of epoch {Epoch} is gone; its events up to {Last} are declared lost unless the server holds them")]
        public static partial void Lost(ILogger logger, Guid epoch, long last);

        [LoggerMessage(106, LogLevel.Warning, "The event store of epoch {Epoch} is an older copy: it ends at {Last}, and {Issued} was given out; it goes on under a new epoch")]
        public static partial void OlderCopy(ILogger logger, Guid epoch, long last, long issued);

        [LoggerMessage(107, LogLevel.Warning, "The volume has no room for a copy of the event store of version {Version} before its upgrade; it is upgraded without one")]
        public static partial void NoCopy(ILogger logger, long version);
    }
}
