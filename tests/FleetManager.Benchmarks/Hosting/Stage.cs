using System.Reflection;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>Everything that a run starts or writes; gone with it.</summary>
internal sealed class Stage : IAsyncDisposable
{
    // Unlike /tmp it is never held in memory, where a flush would cost nothing.
    private const string Parent = "/var/tmp";

    private readonly Stack<IAsyncDisposable> _started = new();
    private PostgresServer? _postgres;

    public static string Repository { get; } =
        typeof(Stage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public string Folder { get; } = Directory.CreateDirectory(
        Path.Combine(Parent, $"fleet-benchmarks-{Environment.ProcessId}"),
        // The database runs as another user.
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).FullName;

    /// <summary>Started by who asks first, shared by the rest.</summary>
    public async Task<PostgresServer> PostgresAsync(CancellationToken cancellationToken) =>
        _postgres ??= Keep(await PostgresServer.StartAsync(Path.Combine(Folder, "postgres"), cancellationToken));

    /// <summary>A server on a PostgreSQL database of its own.</summary>
    public async Task<Site> StartSiteAsync(string name, CancellationToken cancellationToken)
    {
        var postgres = await PostgresAsync(cancellationToken);
        var database = Keep(await postgres.CreateDatabaseAsync(name, cancellationToken));
        string[] options = ["--Fleet:Database:Provider=Postgres", $"--ConnectionStrings:Fleet={postgres.ConnectionTo(name)}"];
        return await Site.PrepareAsync(await StartServerAsync(name, options, cancellationToken), postgres, database, cancellationToken);
    }

    public async Task<FleetServer> StartServerAsync(string name, string[] options, CancellationToken cancellationToken) =>
        Keep(await FleetServer.StartAsync(Path.Combine(Folder, name), options, cancellationToken));

    /// <summary>To be ended with the run, before what was started earlier.</summary>
    public T Keep<T>(T started)
        where T : IAsyncDisposable
    {
        _started.Push(started);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var started))
        {
            await started.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
