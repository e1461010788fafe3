using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Samples of how full the store was: each minute of the last day, every tenth of the two weeks before. A picture, not a proof: it lies beside the
/// journal, costs no flush, and a damaged one is begun anew.
/// </summary>
internal sealed partial class UsageHistory : IDisposable
{
    /// <summary>Most samples of an answer, and in the file.</summary>
    public const int MostSamples = 5000;

    private const string Columns =
        "at, records, records_limit, images, bytes_used, bytes_limit, backed_up_records, pending_records, pending_bytes, parked_records, draft_records, oldest_draft_age_seconds, disk_percent_used";

    private const string Create = $"""
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS usage ({Columns}, PRIMARY KEY (at)) WITHOUT ROWID;
        """;

    private static readonly TimeSpan s_fine = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(14);

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ILogger _logger;
    private Statements? _sql;

    public UsageHistory(string path, ILogger logger) => (_path, _logger) = (path, logger);

    public void Add(UsageSample s) => Run(
        sql =>
        {
            var minute = s.At.ToUnixTimeMilliseconds();
            sql.Execute("BEGIN");
            sql.Execute(
                $"INSERT OR REPLACE INTO usage ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                minute, s.Records, s.RecordsLimit, s.Images, s.BytesUsed, s.BytesLimit, s.BackedUpRecords, s.PendingRecords, s.PendingBytes, s.ParkedRecords, s.DraftRecords, s.OldestDraftAgeSeconds, s.DiskPercentUsed);
            var (fine, kept) = ((s.At - s_fine).ToUnixTimeMilliseconds(), (s.At - s_kept).ToUnixTimeMilliseconds());
            sql.Execute("DELETE FROM usage WHERE at < $1 OR (at < $2 AND at / 60000 % 10 <> 0)", kept, fine);

            // Samples of a clock that was ahead go first: they would never become old.
            sql.Execute("DELETE FROM usage WHERE at IN (SELECT at FROM usage ORDER BY at > $1 DESC, at LIMIT max(0, (SELECT count(*) FROM usage) - $2))", minute, MostSamples);
            sql.Execute("COMMIT");
            return true;
        },
        false);

    /// <summary>Samples between two times, oldest first: the newest of them, if there are too many.</summary>
    public IReadOnlyList<UsageSample> Read(DateTimeOffset from, DateTimeOffset to) => Run(
        sql =>
        {
            using var row = sql.Query(
                $"SELECT {Columns} FROM usage WHERE at BETWEEN $1 AND $2 ORDER BY at DESC LIMIT $3", from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), MostSamples);
            var samples = new List<UsageSample>();
            while (row.Read())
            {
                samples.Add(new UsageSample(
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0)), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6),
                    row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.IsDBNull(11) ? null : row.GetDouble(11), row.IsDBNull(12) ? null : row.GetDouble(12)));
            }

            samples.Reverse();
            return samples;
        },
        []);

    public void Dispose()
    {
        lock (_gate)
        {
            _sql?.Dispose();
            _sql = null;
        }
    }

    private T Run<T>(Func<Statements, T> work, T without)
    {
        lock (_gate)
        {
            try
            {
                return work(_sql ??= Open());
            }
            catch (SqliteException e)
            {
                Log.Failed(_logger, e.Message);
                _sql?.Dispose();
                _sql = null;
                if (e.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB)
                {
                    Array.ForEach(["", "-wal", "-shm"], suffix => File.Delete(_path + suffix));
                }

                return without;
            }
        }
    }

    private Statements Open()
    {
        var connection = new SqliteConnection(StoreSchema.ConnectionString(_path, pooling: false));
        try
        {
            connection.Open();
            using var create = connection.CreateCommand();
            create.CommandText = Create;
            create.ExecuteNonQuery();
            return new Statements(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Warning, "The usage history can not be kept now: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}

/// <summary>How full the store was at one instant; the names are the reference's (vision-events.md 14.5).</summary>
internal sealed record UsageSample(
    DateTimeOffset At,
    long Records,
    long RecordsLimit,
    long Images,
    long BytesUsed,
    long BytesLimit,
    long BackedUpRecords,
    long PendingRecords,
    long PendingBytes,
    long ParkedRecords,
    long DraftRecords,
    double? OldestDraftAgeSeconds,
    double? DiskPercentUsed)
{
    public double RecordsPercent => Percent(Records, RecordsLimit);

    public double BytesPercent => Percent(BytesUsed, BytesLimit);

    /// <summary>How much of what is stored need not be sent any more.</summary>
    public double? BackedUpBytesPercent => BytesUsed == 0 ? null : Math.Round(100 - Math.Min(100, Percent(PendingBytes, BytesUsed)), 2);

    public static UsageSample Of(DeviceStore store, DateTimeOffset now)
    {
        var (stats, policy) = (store.Stats(), store.Policy);
        return new UsageSample(
            now,
            stats.Totals.Records,
            policy.Limits.MaxRecords,
            stats.Totals.Images,
            stats.Totals.Bytes,
            policy.Limits.MaxBytes,
            stats.BackedUp,
            stats.Pending,
            stats.Totals.BytesToSend(policy.Backup.Images),
            stats.Parked,
            stats.Totals.Drafts,
            store.OldestDraftAt is { } oldest ? Math.Max(0, Math.Round((now - oldest).TotalSeconds)) : null,
            stats.DiskPercentUsed is { } disk ? Math.Round(disk, 1) : null);
    }

    private static double Percent(long part, long whole) => whole == 0 ? 0 : Math.Round(100.0 * part / whole, 2);
}
