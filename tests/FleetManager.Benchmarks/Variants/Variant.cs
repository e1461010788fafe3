using FleetManager.Server.Features.Events.Counts;
using FleetManager.Server.Features.Events.Ingest;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FleetManager.Benchmarks.Variants;

/// <summary>The real server with one part exchanged: what that part is worth shows against it. Found by a type of its own: the agent has a Program too.</summary>
internal sealed class Variant : WebApplicationFactory<IngestWorker>
{
    /// <summary>Writes each request through EF; all else is the server's.</summary>
    public const string Ef = "ef";

    /// <summary>Also answers <see cref="Load.Wire.Parse"/>, where a batch is read and checked, and dropped.</summary>
    public const string Parse = "parse";

    private readonly string _name;
    private readonly Dictionary<string, string> _settings;

    private Variant(string name, IEnumerable<string> arguments)
    {
        _name = name;
        _settings = arguments.Select(a => a.TrimStart('-').Split('=', 2)).ToDictionary(a => a[0], a => a[1], StringComparer.OrdinalIgnoreCase);
        UseKestrel(new Uri(_settings["urls"]).Port);
    }

    /// <summary>Serves until it is told to stop. Arguments are the server's own, as <c>--Key=value</c>.</summary>
    public static async Task RunAsync(string name, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        await using var variant = new Variant(name, arguments);
        variant.StartServer();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(Environments.Production);
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(services =>
        {
            // The server under test counts for all on this database; three at it would take three shares from whoever is measured.
            services.Remove(services.Single(s => s.ImplementationType == typeof(RollupWorker)));
            if (_name == Parse)
            {
                services.AddSingleton<IStartupFilter, ParseOnly>();
                return;
            }

            services.Remove(services.Single(s => s.ImplementationType == typeof(IngestWorker)));
            services.AddHostedService<EfWorker>();
        });
    }
}
