using System.Data.Common;
using FleetManager.Data.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FleetManager.Data.Setup;

/// <summary>
/// What every SQLite connection needs: WAL (readers never wait for the writer), FULL (an answer given survives a power cut), foreign keys,
/// SQLite's own busy wait, which looks again after milliseconds where the provider's would sleep 150, and the function that searches in JSON.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    public const string Sql = "PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Sql;
        command.ExecuteNonQuery();
        SqliteJsonFunction.Register((SqliteConnection)connection);
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
        SqliteJsonFunction.Register((SqliteConnection)connection);
    }
}
