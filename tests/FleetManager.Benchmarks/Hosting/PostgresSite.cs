using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Load;
using Npgsql;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>A server on a PostgreSQL database of its own.</summary>
/// <param name="Site">The server.</param>
/// <param name="Database">The way past the server.</param>
/// <param name="OfBusiest">SQL: the events of the use case that holds half of all, such that every index can be used.</param>
/// <param name="Load">Callers of the server.</param>
/// <param name="Table">Its events.</param>
internal sealed record PostgresSite(Site Site, NpgsqlDataSource Database, string OfBusiest, BatchLoad Load, EventTable Table)
{
    public static readonly TimeSpan Past = TimeSpan.FromDays(30);

    public FleetServer Server => Site.Server;

    public PostgresServer Postgres => Site.Postgres!;

    public static async Task<PostgresSite> PrepareAsync(
        FleetServer server,
        PostgresServer postgres,
        NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        var site = await Site.PrepareAsync(server, postgres, cancellationToken);
        var load = new BatchLoad(site);
        var busiest = await database.ReadAsync(
            $"SELECT workspace_id, key FROM use_cases WHERE use_case_id = '{SampleEvents.UseCase(0)}'",
            r => $"FROM events WHERE workspace_id = {r.GetInt32(0)} AND use_case_key = {r.GetInt32(1)}",
            cancellationToken);
        return new PostgresSite(site, database, busiest.Single(), load, await EventTable.LearnAsync(database, load, cancellationToken));
    }

    /// <summary>Spreads so many events over the last 30 days, and leaves the table as time would: visible to index scans, statistics at hand.</summary>
    public async Task FillAsync(long events, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"Filling in {events:n0} events");
        var from = TimeProvider.System.GetUtcNow() - Past;
        await Table.CopyAsync(2, Meter.Start(TimeSpan.MaxValue), events, n => from + (Past * ((double)n / events)), cancellationToken);
        await Database.ExecuteAsync("VACUUM (ANALYZE) events", cancellationToken);
        await Database.ExecuteAsync("CHECKPOINT", cancellationToken);
    }

    /// <summary>Forgets what waits to be counted: counting it would run beside the next measurement.</summary>
    public Task LeaveUncountedAsync(CancellationToken cancellationToken) => Database.ExecuteAsync("TRUNCATE touched_hours, touched_days", cancellationToken);

    /// <summary>Has what was copied in past the server counted by the server, as if it had written it.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync("Waiting until all is counted");
        await Database.ExecuteAsync(
            "INSERT INTO touched_hours (use_case_key, hour) SELECT DISTINCT use_case_key, date_trunc('hour', timestamp, 'UTC') FROM events",
            cancellationToken);
        while (await Database.ReadOneAsync("SELECT EXISTS (SELECT FROM touched_hours) OR EXISTS (SELECT FROM touched_days)", cancellationToken) is true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }
}
