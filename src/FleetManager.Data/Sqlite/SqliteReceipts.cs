using FleetManager.Contracts.Agents;
using FleetManager.Data.Events;
using FleetManager.Data.Receipts;
using Microsoft.Data.Sqlite;

namespace FleetManager.Data.Sqlite;

/// <summary>The statements that merge numbers into the held runs of a device store.</summary>
internal sealed class SqliteReceipts(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _makeStore = new(
        connection,
        "INSERT INTO device_stores (device_key, epoch, workspace_id, first_seen_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        4);

    private readonly SqliteStatement _findTouched = new(
        connection,
        """
        SELECT from_seq, through_seq FROM held_ranges
        WHERE device_key = $1 AND epoch = $2 AND from_seq <= $4 + 1 AND through_seq >= $3 - 1
        """,
        4);

    private readonly SqliteStatement _remove = new(
        connection,
        "DELETE FROM held_ranges WHERE device_key = $1 AND epoch = $2 AND from_seq = $3",
        3);

    private readonly SqliteStatement _write = new(
        connection,
        """
        INSERT INTO held_ranges (device_key, epoch, workspace_id, from_seq, through_seq) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (device_key, epoch, from_seq) DO UPDATE SET through_seq = excluded.through_seq
        """,
        5);

    public void Join(SqliteTransaction transaction) =>
        _makeStore.Transaction = _findTouched.Transaction = _remove.Transaction = _write.Transaction = transaction;

    public void Merge(StoreKey store, IReadOnlyList<long> numbers, DateTimeOffset now)
    {
        _makeStore.Execute(store.DeviceKey, store.Epoch, store.WorkspaceId, now.UtcTicks);
        var added = SeqRanges.Of(numbers);
        var merge = HeldMerge.Of([.. added.SelectMany(range => Touched(store, range)).Distinct()], added);
        foreach (var from in merge.Removed)
        {
            _remove.Execute(store.DeviceKey, store.Epoch, from);
        }

        foreach (var range in merge.Written)
        {
            _write.Execute(store.DeviceKey, store.Epoch, store.WorkspaceId, range.From, range.Through);
        }
    }

    public void Dispose()
    {
        _makeStore.Dispose();
        _findTouched.Dispose();
        _remove.Dispose();
        _write.Dispose();
    }

    private List<SeqRange> Touched(StoreKey store, SeqRange added)
    {
        var touched = new List<SeqRange>();
        using var reader = _findTouched.Read(store.DeviceKey, store.Epoch, added.From, added.Through);
        while (reader.Read())
        {
            touched.Add(new SeqRange(reader.GetInt64(0), reader.GetInt64(1)));
        }

        return touched;
    }
}
