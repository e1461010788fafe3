using FleetManager.Contracts.Agents;
using FleetManager.Data.Events;
using FleetManager.Data.Receipts;
using Npgsql;
using static FleetManager.Data.Postgres.PostgresSql;

namespace FleetManager.Data.Postgres;

/// <summary>Merges numbers into the held runs of device stores, inside the transaction that writes the events.</summary>
internal static class PostgresReceipts
{
    private const string MakeStores =
        """
        INSERT INTO device_stores (device_key, epoch, workspace_id, first_seen_at)
        SELECT device_key, epoch, workspace_id, $4 FROM unnest($1, $2, $3) AS s (device_key, epoch, workspace_id)
        ON CONFLICT DO NOTHING
        """;

    // Whoever holds the store's row may read and write its runs; stores are locked in one order by all writers.
    private const string LockStores =
        """
        SELECT 1 FROM device_stores WHERE (device_key, epoch) IN (SELECT * FROM unnest($1, $2))
        ORDER BY device_key, epoch FOR UPDATE
        """;

    private const string FindTouched =
        """
        SELECT r.device_key, r.epoch, r.from_seq, r.through_seq
        FROM unnest($1, $2, $3, $4) AS added (device_key, epoch, from_seq, through_seq)
        JOIN held_ranges r ON r.device_key = added.device_key AND r.epoch = added.epoch
          AND r.from_seq <= added.through_seq + 1 AND r.through_seq >= added.from_seq - 1
        """;

    private const string Remove =
        """
        DELETE FROM held_ranges r USING unnest($1, $2, $3) AS gone (device_key, epoch, from_seq)
        WHERE r.device_key = gone.device_key AND r.epoch = gone.epoch AND r.from_seq = gone.from_seq
        """;

    private const string Write =
        """
        INSERT INTO held_ranges (device_key, epoch, workspace_id, from_seq, through_seq)
        SELECT * FROM unnest($1, $2, $3, $4, $5)
        ON CONFLICT (device_key, epoch, from_seq) DO UPDATE SET through_seq = excluded.through_seq
        """;

    public static async Task MergeAsync(
        NpgsqlConnection connection,
        SortedDictionary<StoreKey, List<long>> receipts,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var added = receipts.ToDictionary(r => r.Key, r => SeqRanges.Of(r.Value));
        var touched = await LockAndReadAsync(connection, [.. receipts.Keys], added, now, cancellationToken);

        var removed = new List<(StoreKey Store, long From)>();
        var written = new List<(StoreKey Store, SeqRange Range)>();
        foreach (var (store, ranges) in added)
        {
            var merge = HeldMerge.Of([.. touched[(store.DeviceKey, store.Epoch)]], ranges);
            removed.AddRange(merge.Removed.Select(from => (store, from)));
            written.AddRange(merge.Written.Select(range => (store, range)));
        }

        if (removed.Count + written.Count > 0)
        {
            await ApplyAsync(connection, removed, written, cancellationToken);
        }
    }

    private static async Task<ILookup<(int DeviceKey, Guid Epoch), SeqRange>> LockAndReadAsync(
        NpgsqlConnection connection,
        List<StoreKey> stores,
        Dictionary<StoreKey, List<SeqRange>> added,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var runs = added.SelectMany(a => a.Value, (a, range) => (Store: a.Key, Range: range)).ToList();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(MakeStores)
                {
                    Parameters =
                    {
                        Array(stores.Select(s => s.DeviceKey)), Array(stores.Select(s => s.Epoch)), Array(stores.Select(s => s.WorkspaceId)),
                        new NpgsqlParameter<DateTimeOffset> { TypedValue = now },
                    },
                },
                new(LockStores) { Parameters = { Array(stores.Select(s => s.DeviceKey)), Array(stores.Select(s => s.Epoch)) } },
                new(FindTouched)
                {
                    Parameters =
                    {
                        Array(runs.Select(r => r.Store.DeviceKey)), Array(runs.Select(r => r.Store.Epoch)),
                        Array(runs.Select(r => r.Range.From)), Array(runs.Select(r => r.Range.Through)),
                    },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var found = new HashSet<((int, Guid) Store, SeqRange Range)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(((reader.GetInt32(0), reader.GetGuid(1)), new SeqRange(reader.GetInt64(2), reader.GetInt64(3))));
        }

        return found.ToLookup(f => f.Store, f => f.Range);
    }

    private static async Task ApplyAsync(
        NpgsqlConnection connection,
        List<(StoreKey Store, long From)> removed,
        List<(StoreKey Store, SeqRange Range)> written,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Remove)
                {
                    Parameters = { Array(removed.Select(r => r.Store.DeviceKey)), Array(removed.Select(r => r.Store.Epoch)), Array(removed.Select(r => r.From)) },
                },
                new(Write)
                {
                    Parameters =
                    {
                        Array(written.Select(w => w.Store.DeviceKey)), Array(written.Select(w => w.Store.Epoch)), Array(written.Select(w => w.Store.WorkspaceId)),
                        Array(written.Select(w => w.Range.From)), Array(written.Select(w => w.Range.Through)),
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
