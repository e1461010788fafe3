using System.Diagnostics;
using System.Globalization;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>A program that can not outlive this process: a shell sends it its signal when its own standard input closes, also when this process is killed.</summary>
internal sealed class GuardedProcess : IAsyncDisposable
{
    private const string Guard =
        """
        signal=$1 log=$2; shift 2
        exec 3<&0; "$@" >"$log" 2>&1 3<&- </dev/null & child=$!
        echo $child; { read -r _ <&3; kill -"$signal" $child; } 2>/dev/null & wait $child
        """;

    private const int LogTail = 40;
    private readonly Process _guard;
    private readonly string _log;

    private GuardedProcess(Process guard, string log, int id) => (_guard, _log, Id) = (guard, log, id);

    public int Id { get; }

    public static async Task<GuardedProcess> StartAsync(string signal, string log, IEnumerable<string> command, CancellationToken cancellationToken)
    {
        // In a session of its own, which Ctrl-C does not reach: programs end in order, the database last.
        var guard = Process.Start(new ProcessStartInfo("setsid", ["/bin/sh", "-c", Guard, "sh", signal, log, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var id = await guard.StandardOutput.ReadLineAsync(cancellationToken);
        return new GuardedProcess(guard, log, int.Parse(id!, CultureInfo.InvariantCulture));
    }

    /// <summary>Asks until it is true; a program that ended first is a fault that shows what it said.</summary>
    public async Task UntilAsync(Func<Task<bool>> isReady, CancellationToken cancellationToken)
    {
        while (!await isReady())
        {
            if (_guard.HasExited)
            {
                throw new InvalidOperationException($"It ended at its start:{Environment.NewLine}{Tail()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    public string Tail() => string.Join(Environment.NewLine, File.ReadLines(_log).TakeLast(LogTail));

    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync(CancellationToken.None);
        _guard.Dispose();
    }
}
