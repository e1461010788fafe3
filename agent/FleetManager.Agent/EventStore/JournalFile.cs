using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.EventStore;

/// <summary>The file of the journal, and who reads it: it is replaced only while nobody does.</summary>
internal sealed class JournalFile(string path)
{
    // A reader takes milliseconds. One that hangs must not keep a damaged journal in place: SQLite sees that its file has moved.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private int _readers;
    private bool _isClosed;

    public string Path { get; } = path;

    /// <summary>A connection that only reads; dispose it soon.</summary>
    public Statements OpenReader()
    {
        lock (_gate)
        {
            while (_isClosed)
            {
                Monitor.Wait(_gate);
            }

            _readers++;
        }

        try
        {
            return new Statements(StoreSchema.OpenReader(Path), Leave);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    public void Replace(Action replace)
    {
        var waited = Stopwatch.StartNew();
        lock (_gate)
        {
            _isClosed = true;
            while (_readers > 0 && waited.Elapsed < s_patience)
            {
                Monitor.Wait(_gate, s_patience);
            }
        }

        try
        {
            ClearPool();
            replace();
        }
        finally
        {
            lock (_gate)
            {
                _isClosed = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    public void ClearPool()
    {
        using var pooled = new SqliteConnection(StoreSchema.ConnectionString(Path, pooling: true));
        SqliteConnection.ClearPool(pooled);
    }

    private void Leave()
    {
        lock (_gate)
        {
            _readers--;
            Monitor.PulseAll(_gate);
        }
    }
}
