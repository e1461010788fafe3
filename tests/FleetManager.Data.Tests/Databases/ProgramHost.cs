using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace FleetManager.Data.Tests.Databases;

/// <summary>PostgreSQL from the programs of this machine, on a temporary directory and a free port.</summary>
internal sealed class ProgramHost : IPostgresHost
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly string _folder;
    private readonly Process _process;

    private ProgramHost(string folder, Process process, int port)
    {
        _folder = folder;
        _process = process;
        Connection = $"Host=127.0.0.1;Port={port};Username=fleet;Database=postgres";
    }

    public string Connection { get; }

    public static async Task<(ProgramHost? Host, string? WhyNot)> TryStartAsync()
    {
        if (FindPrograms() is not { } programs)
        {
            return (null, "no postgres program on PATH or under /usr/lib/postgresql");
        }

        var folder = Directory.CreateTempSubdirectory("fleet-postgres-").FullName;
        string[] asUser = [];
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            // The server refuses to run as root.
            asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
            await Shell.TryReadAsync("chown", "postgres", folder);
        }

        var data = Path.Combine(folder, "data");
        string[] init = [.. asUser, Path.Combine(programs, "initdb"), "-D", data, "-U", "fleet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
        if (await Shell.TryReadAsync(init[0], init[1..]) is null)
        {
            Directory.Delete(folder, recursive: true);
            return (null, $"{programs}/initdb failed");
        }

        var port = FreePort();
        string[] run =
        [
            .. asUser, Path.Combine(programs, "postgres"), "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", $"{port}",
            "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "max_wal_size=1GB",
        ];
        var host = new ProgramHost(folder, StartGuarded(run), port);
        await host.WaitAsync();
        return (host, null);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The shell ends the server when its standard input closes: also when this process is killed.</summary>
    private static Process StartGuarded(string[] command) => Process.Start(new ProcessStartInfo(
        "/bin/sh",
        ["-c", "\"$@\" & server=$!; read -r _; kill -INT $server; wait $server", "sh", .. command])
    {
        RedirectStandardInput = true,
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    private async Task WaitAsync()
    {
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Connection + ";Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (TimeProvider.System.GetElapsedTime(started) < s_patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private static string? FindPrograms()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        const string Debian = "/usr/lib/postgresql";
        var installed = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).Select(d => Path.Combine(d, "bin")).OrderDescending(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        return onPath.Concat(installed).FirstOrDefault(d => d.Length > 0 && File.Exists(Path.Combine(d, "postgres")) && File.Exists(Path.Combine(d, "initdb")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
