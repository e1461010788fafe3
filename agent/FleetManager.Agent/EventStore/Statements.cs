using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetManager.Agent.EventStore;

/// <summary>Prepared statements of one connection, with parameters <c>$1</c>, <c>$2</c>, … Not thread safe.</summary>
internal sealed class Statements(SqliteConnection connection, Action? closed = null) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private SqliteConnection _connection = connection;
    private bool _isClosed;

    /// <summary>True when no transaction is open.</summary>
    public bool IsIdle => raw.sqlite3_get_autocommit(_connection.Handle) != 0;

    public bool IsClosed => _isClosed;

    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteScalar();

    public long Number(string sql, params ReadOnlySpan<object?> values) => Scalar(sql, values) is long number ? number : 0;

    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteReader();

    /// <summary>Goes on with another connection, after <see cref="Dispose"/>.</summary>
    public void Reopen(SqliteConnection other) => (_connection, _isClosed) = (other, false);

    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
        _connection.Dispose();
        closed?.Invoke();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a constant.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }

            _prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }
}
