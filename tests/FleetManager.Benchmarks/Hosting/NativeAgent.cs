using System.Globalization;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>The agent as it is shipped: compiled to native code, enrolled at a server, in a process of its own.</summary>
internal sealed class NativeAgent : IAsyncDisposable
{
    private readonly GuardedProcess _process;

    private NativeAgent(GuardedProcess process) => _process = process;

    public TimeSpan Cpu => CpuTime.OfProcess(_process.Id);

    /// <summary>Resident memory, in bytes.</summary>
    public long Resident
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Builds the program and returns its path; <paramref name="isNative"/> takes minutes.</summary>
    public static async Task<string> PublishAsync(string folder, bool isNative, CancellationToken cancellationToken)
    {
        string[] native = isNative ? ["--use-current-runtime", "-p:PublishAot=true"] : [];
        await Shell.RunAsync(
            "dotnet", ["publish", Path.Combine(Stage.Repository, "agent/FleetManager.Agent"), "-c", "Release", "-v", "q", "-o", folder, .. native], cancellationToken);
        return Path.Combine(folder, "fleet-agent");
    }

    /// <summary>Enrolls a device and runs it; it takes events when this returns.</summary>
    public static async Task<NativeAgent> StartAsync(string program, string folder, FleetServer server, string token, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        await Shell.RunAsync(program, ["enroll", "--server", server.Address.ToString(), "--token", token, "--data-dir", folder], cancellationToken);
        var process = await GuardedProcess.StartAsync(
            "TERM", Path.Combine(folder, "out"), [program, "run", "--data-dir", folder, "--port", $"{port}"], cancellationToken);
        using var http = new HttpClient();
        await process.UntilAsync(() => IsReadyAsync(http, new Uri($"http://127.0.0.1:{port}/health"), cancellationToken), cancellationToken);
        return new NativeAgent(process);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri health, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(health, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
