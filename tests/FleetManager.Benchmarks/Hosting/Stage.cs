using System.Globalization;
using System.Reflection;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>Everything that a run starts or writes; gone with it.</summary>
internal sealed class Stage : IAsyncDisposable
{
    // Unlike /tmp it is never held in memory, where a flush would cost nothing.
    private const string Parent = "/var/tmp";
    private const string Prefix = "fleet-benchmarks-";

    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly Dictionary<int, PostgresSite> _filled = [];
    private readonly Stage? _whole;
    private PostgresServer? _postgres;

    public Stage()
    {
        foreach (var folder in Directory.EnumerateDirectories(Parent, $"{Prefix}*").Where(f => !Directory.Exists($"/proc/{f[(f.LastIndexOf('-') + 1)..]}")))
        {
            // Of a run that was killed.
            Directory.Delete(folder, recursive: true);
        }

        // The database runs as another user, who has to get through.
        Folder = Directory.CreateDirectory(
            Path.Combine(Parent, Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture)),
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).FullName;
    }

    private Stage(Stage whole) => (_whole, Folder) = (whole, whole.Folder);

    public static string Repository { get; } =
        typeof(Stage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public string Folder { get; }

    /// <summary>A stage whose own servers end before the rest: nothing of a suite runs beside the next one.</summary>
    public Stage Part() => new(this);

    /// <summary>Started by who asks first, shared by the rest.</summary>
    public async Task<PostgresServer> PostgresAsync(CancellationToken cancellationToken) => _whole is not null
        ? await _whole.PostgresAsync(cancellationToken)
        : _postgres ??= Keep(await PostgresServer.StartAsync(Path.Combine(Folder, "postgres"), cancellationToken));

    /// <summary>A server on an empty PostgreSQL database of its own.</summary>
    public async Task<PostgresSite> StartSiteAsync(string name, CancellationToken cancellationToken, params string[] options)
    {
        var postgres = await PostgresAsync(cancellationToken);
        var database = Keep(await postgres.CreateDatabaseAsync(name, cancellationToken));
        var server = await StartServerAsync(name, [.. postgres.OptionsFor(name), .. options], cancellationToken);
        return await PostgresSite.PrepareAsync(server, postgres, database, cancellationToken);
    }

    /// <summary>A server whose database holds so many events; shared by all who ask for as many.</summary>
    public async Task<PostgresSite> FilledSiteAsync(int events, CancellationToken cancellationToken)
    {
        if (_whole is not null)
        {
            return await _whole.FilledSiteAsync(events, cancellationToken);
        }

        if (!_filled.TryGetValue(events, out var site))
        {
            _filled[events] = site = await StartSiteAsync($"filled_{events}", cancellationToken);
            await site.FillAsync(events, cancellationToken);
        }

        return site;
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

        if (_whole is null)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
