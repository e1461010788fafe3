using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Control;

/// <summary>
/// Makes this device known to a server and proves both legs, REST and MQTT. It may be interrupted and repeated at any point: the key is
/// kept before it is sent, and until both legs were seen to work the device does not count as enrolled.
/// </summary>
internal sealed class Enrollment(DataDirectory directory, TimeProvider time)
{
    private readonly string _path = directory.PathOf(Identity.FileName);

    /// <summary>Enrolls, or throws a fault that says which leg failed, why, and what to do.</summary>
    public async Task<Identity> RunAsync(Uri server, string token, string? name, CancellationToken cancellationToken)
    {
        var identity = Begin(server);
        using (var http = new ServerHttp(server, deviceKey: null, time))
        {
            var request = new EnrollRequest(token, identity.DeviceKey, name, AgentVersion.Current, HardwareProbe.Read(directory.Root));
            var reply = await new AgentRoutes(http).EnrollAsync(request, cancellationToken);
            identity = reply.Value is { } answer ? Accept(identity, answer, server)
                // The token may have run out since; what it once gave is enough to go on with.
                : identity.DeviceId is not null && reply.Failure!.Kind is FailureKind.Unauthorized or FailureKind.Refused ? identity
                : throw new AgentFault(Explain(reply.Failure!, server));
        }

        await ProveRestAsync(identity, server, cancellationToken);
        await MqttProof.RunAsync(identity, time, cancellationToken);
        identity = identity with { Proved = true };
        identity.Save(_path);
        return identity;
    }

    private Identity Begin(Uri server)
    {
        var known = Identity.Load(_path);
        if (known is { Proved: true })
        {
            throw new AgentFault($"this data directory is already enrolled as device {known.DeviceId} of {known.Server}: to enroll another device use another --data-dir; to enroll this one again delete {_path}");
        }

        if (known is not null && known.Server == server.AbsoluteUri)
        {
            return known;
        }

        var fresh = new Identity(server.AbsoluteUri, Secret.New(Secret.DeviceKeyPrefix));
        try
        {
            fresh.Save(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentFault($"the data directory {directory.Root} can not be written ({e.Message}): choose another with --data-dir", e);
        }

        return fresh;
    }

    private Identity Accept(Identity identity, EnrollAnswer answer, Uri server)
    {
        if (!DeviceId.TryParse(answer.DeviceId, out _) || answer.Mqtt is not { Host.Length: > 0, TopicRoot.Length: > 0, Port: > 0 and < 65536 })
        {
            throw new AgentFault($"REST: {server} gave an answer that a FleetManager server does not give: check the address in --server");
        }

        identity = identity with { DeviceId = answer.DeviceId, Name = answer.Name, Workspace = answer.Workspace, Mqtt = answer.Mqtt };
        identity.Save(_path);
        return identity;
    }

    private async Task ProveRestAsync(Identity identity, Uri server, CancellationToken cancellationToken)
    {
        using var http = new ServerHttp(server, identity.DeviceKey, time);
        var reply = await new AgentRoutes(http).SettingsAsync(cancellationToken);
        if (reply.Failure is { } failure)
        {
            throw new AgentFault($"REST: the server enrolled device {identity.DeviceId}, but does not let it read its settings ({failure.Message}): run the same command again, or ask for the server's log");
        }

        // A first start must not wait for MQTT to learn, say, the port to listen on.
        var settings = new SettingsService(new SettingsSlots(directory), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await settings.ApplyAsync(reply.Value!, cancellationToken);
    }

    private static string Explain(Failure failure, Uri server) => failure switch
    {
        { Kind: FailureKind.Unreachable } => $"REST: {failure.Message}: check the address in --server, that the server runs, and the network",
        { Kind: FailureKind.Foreign } => $"REST: {failure.Message}: check the address in --server",
        { Status: 401 or 403 } => $"REST: {server} does not know the token ({failure.Message}): copy it again from the console, whole",
        { Status: 410 } => $"REST: the token can no longer be used ({failure.Message}): make a new one in the console under Devices, Add device",
        { Status: 429 } => $"REST: {server} got too many enrollments ({failure.Message}): wait {(failure.RetryAfter ?? TimeSpan.FromMinutes(1)).TotalSeconds:0} s and run the same command again",
        { Kind: FailureKind.Temporary } => $"REST: {server} can not enroll devices now ({failure.Message}): run the same command again in a minute",
        _ => $"REST: {server} refused the enrollment: {failure.Message}",
    };
}
