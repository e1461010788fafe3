using Npgsql;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>A PostgreSQL of our own that keeps its word: every commit is flushed. From the programs of this machine, on a free port.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Debian = "/usr/lib/postgresql";
    private readonly GuardedProcess _process;
    private readonly string _connection;

    private PostgresServer(GuardedProcess process, string connection) => (_process, _connection) = (process, connection);

    public TimeSpan Cpu => CpuTime.OfFamily(_process.Id);

    public string ConnectionTo(string database) => $"{_connection};Database={database}";

    /// <summary>What a server on that database is started with.</summary>
    public string[] OptionsFor(string database) => ["--Fleet:Database:Provider=Postgres", $"--ConnectionStrings:Fleet={ConnectionTo(database)}"];

    public static async Task<PostgresServer> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var programs = FindPrograms();
        Directory.CreateDirectory(folder);
        string[] asUser = [];
        if (Environment.IsPrivilegedProcess)
        {
            // The server refuses to run as root.
            asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
            await Shell.RunAsync("chown", ["postgres", folder], cancellationToken);
        }

        var data = Path.Combine(folder, "data");
        string[] init = [.. asUser, Path.Combine(programs, "initdb"), "-D", data, "-U", "fleet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
        await Shell.RunAsync(init[0], init[1..], cancellationToken);

        var port = FreePort.Next();
        var process = await GuardedProcess.StartAsync(
            "INT",
            Path.Combine(folder, "log"),
            [
                .. asUser, Path.Combine(programs, "postgres"), "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", $"{port}",
                "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", $"shared_buffers={SharedBuffersMegabytes()}MB", "-c", "max_wal_size=16GB",
                // Several servers share it, and each may hold a connection for every caller that looks something up.
                "-c", "max_connections=500",
            ],
            cancellationToken);
        var server = new PostgresServer(process, $"Host=127.0.0.1;Port={port};Username=fleet;Timeout=60;Command Timeout=0");
        await process.UntilAsync(() => server.IsReadyAsync(cancellationToken), cancellationToken);
        return server;
    }

    public async Task<NpgsqlDataSource> CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        await using (var postgres = NpgsqlDataSource.Create(ConnectionTo("postgres") + ";Pooling=false"))
        {
            await using var create = postgres.CreateCommand($"CREATE DATABASE {name}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }

        return NpgsqlDataSource.Create(ConnectionTo(name));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>4 GB, or a quarter of a smaller machine.</summary>
    private static long SharedBuffersMegabytes() => Math.Min(4096, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / (1024 * 1024));

    private static string FindPrograms()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var installed = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).Select(d => Path.Combine(d, "bin")).OrderDescending(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        return onPath.Concat(installed).FirstOrDefault(d => d.Length > 0 && File.Exists(Path.Combine(d, "postgres")) && File.Exists(Path.Combine(d, "initdb")))
            ?? throw new InvalidOperationException($"No postgres program on PATH or under {Debian}: install PostgreSQL.");
    }
}
