using System.Diagnostics;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>Runs a program to its end.</summary>
internal static class Shell
{
    /// <summary>What it printed; a program that failed is a fault that shows what it said.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException($"{program} failed:{Environment.NewLine}{output}{Environment.NewLine}{await errors}");
    }
}
