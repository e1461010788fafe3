using System.CommandLine;
using System.Globalization;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Commands;

/// <summary><c>fleet-agent run</c>: works until it is told to stop.</summary>
internal static class RunCommand
{
    private const string PortVariable = "FLEET_AGENT_PORT";

    public static Command Create()
    {
        var directory = CommandOptions.DataDirectory();
        var port = CommandOptions.FromEnvironment("--port", PortVariable, $"Port of the Event Store API, whatever the settings say ({PortVariable})");
        var command = new Command("run", "Run the agent of an enrolled device") { directory, port };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var pinned = Port(parsed.GetValue(port));
            using var data = DataDirectory.Take(parsed.GetValue(directory)!);
            using var logging = new AgentLogging();
            await using var agent = await DeviceAgent.StartAsync(data, pinned, logging, TimeProvider.System, cancellationToken);
            var service = ServiceManager.OfThisProcess();
            service.Ready(agent.Listening is { } address ? $"The event store listens on {address}" : "The event store is switched off");
            await Task.WhenAll(service.WatchAsync(agent.IsAlive, TimeProvider.System, cancellationToken), Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken))
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            service.Stopping();
            return 0;
        });
        return command;
    }

    private static int? Port(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port
        : throw new AgentFault($"--port ({PortVariable}) must be a whole number from 1 to 65535, and '{text}' is none");
}
