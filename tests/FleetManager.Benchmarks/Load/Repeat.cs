using FleetManager.Benchmarks.Hosting;
using Npgsql;

namespace FleetManager.Benchmarks.Load;

/// <summary>One request, or one statement, again and again: at least once, then until the window is over.</summary>
internal static class Repeat
{
    public static async Task<Sample> RequestAsync(FleetServer server, byte[] request, TimeSpan window, CancellationToken cancellationToken)
    {
        using var caller = await HttpCaller.ConnectAsync(server.Port, cancellationToken);
        await caller.SendAsync(request, 200, cancellationToken);
        return await UntilOverAsync(window, () => caller.SendAsync(request, 200, cancellationToken));
    }

    /// <param name="database">Where.</param>
    /// <param name="sql">A query; all of its rows and columns are read.</param>
    /// <param name="settings">What is set on the connection before.</param>
    /// <param name="window">How long.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<Sample> QueryAsync(NpgsqlDataSource database, string sql, string settings, TimeSpan window, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var set = new NpgsqlCommand(settings, connection))
        {
            await set.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var query = new NpgsqlCommand(sql, connection);
        await query.PrepareAsync(cancellationToken);
        await ReadAsync();
        return await UntilOverAsync(window, ReadAsync);

        async Task ReadAsync()
        {
            await using var reader = await query.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                for (var i = 0; i < reader.FieldCount; i++)
                {
                    reader.GetValue(i);
                }
            }
        }
    }

    private static async Task<Sample> UntilOverAsync(TimeSpan window, Func<Task> operation)
    {
        var meter = Meter.Start(window);
        do
        {
            await meter.TimeAsync(1, operation);
        }
        while (!meter.IsOver);

        return meter.Stop();
    }
}
