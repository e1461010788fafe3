using System.CommandLine;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Commands;

/// <summary><c>fleet-agent enroll</c>: exit 0 only after REST and MQTT were both seen to work.</summary>
internal static class EnrollCommand
{
    public static Command Create()
    {
        var server = CommandOptions.FromEnvironment("--server", "FLEET_AGENT_SERVER", "Address of the server, such as https://fleet.example (FLEET_AGENT_SERVER)");
        var token = CommandOptions.FromEnvironment("--token", "FLEET_AGENT_TOKEN", "Enrollment token, from the console under Devices, Add device (FLEET_AGENT_TOKEN)");
        var name = CommandOptions.FromEnvironment("--name", "FLEET_AGENT_NAME", "Name shown in the console; the host's name if absent (FLEET_AGENT_NAME)");
        var directory = CommandOptions.DataDirectory();
        var command = new Command("enroll", "Make this device known to a server") { server, token, name, directory };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = Address(parsed.GetValue(server));
            var secret = parsed.GetValue(token) is { Length: > 0 } given
                ? given.Trim()
                : throw new AgentFault("no token given: use --token or FLEET_AGENT_TOKEN; the console makes one under Devices, Add device");
            using var data = DataDirectory.Take(parsed.GetValue(directory)!);
            var identity = await new Enrollment(data, TimeProvider.System).RunAsync(address, secret, parsed.GetValue(name), cancellationToken);
            Console.WriteLine($"Enrolled as {identity.Name} ({identity.DeviceId}) in workspace {identity.Workspace}; REST and MQTT work. Start it with: fleet-agent run --data-dir {data.Root}");
            return 0;
        });
        return command;
    }

    private static Uri Address(string? text) =>
        string.IsNullOrWhiteSpace(text) ? throw new AgentFault("no server given: use --server or FLEET_AGENT_SERVER, such as https://fleet.example")
        : Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new AgentFault($"--server must be an address such as https://fleet.example, and '{text}' is none");
}
