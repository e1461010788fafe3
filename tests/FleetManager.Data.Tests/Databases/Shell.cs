using System.ComponentModel;
using System.Diagnostics;

namespace FleetManager.Data.Tests.Databases;

/// <summary>Runs a program and reads what it prints.</summary>
internal static class Shell
{
    /// <summary>Null when the program is not there or fails.</summary>
    public static async Task<string?> TryReadAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await errors;
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
