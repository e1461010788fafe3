extern alias agent;

using agent::FleetManager.Agent.Control;
using FleetManager.Contracts.Settings;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>The agent as it ships: one native program.</summary>
internal sealed class AgentProgram(string program)
{
    /// <summary>Builds it, which takes a minute or two the first time.</summary>
    public static async Task<AgentProgram> PublishAsync(Stage stage, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync("Building the native agent");
        var folder = Path.Combine(stage.Folder, "agent-program");
        await Shell.RunAsync(
            "dotnet",
            ["publish", Path.Combine(Stage.Repository, "agent/FleetManager.Agent"), "-c", "Release", "-r", "linux-x64", "-p:PublishAot=true", "-o", folder, "-v", "q", "-nodeReuse:false"],
            cancellationToken);
        return new AgentProgram(Path.Combine(folder, "fleet-agent"));
    }

    public Task<GuardedProcess> RunAsync(string directory, CancellationToken cancellationToken) =>
        GuardedProcess.StartAsync("TERM", Path.Combine(directory, "log"), [program, "run", "--data-dir", directory], cancellationToken);

    /// <summary>Makes a device of a real server of it.</summary>
    public Task EnrollAsync(string directory, int port, string token, CancellationToken cancellationToken) =>
        Shell.RunAsync(program, ["enroll", "--server", $"http://127.0.0.1:{port}", "--token", token, "--data-dir", directory], cancellationToken);

    /// <summary>A device that some server is said to have enrolled; its broker is nowhere.</summary>
    public static Identity Enrolled(Uri server) => new(
        server.AbsoluteUri, Contracts.Secret.New(Contracts.Secret.DeviceKeyPrefix), "dev-benchmark", "benchmark", "default", new("127.0.0.1", 9, false, "fleet"), Proved: true);

    public static BackupSettings Backup(int concurrency) => new() { Enabled = true, Concurrency = concurrency, DefaultUseCaseId = Events.SampleEvents.UseCase(0) };
}
