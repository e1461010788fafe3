using System.Globalization;
using System.Net;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Doctor;

/// <summary>REST with the device's key, and by the way the two clocks.</summary>
internal static class ServerCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_noteworthy = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_wrong = TimeSpan.FromHours(1);

    public static async Task<IReadOnlyList<Finding>> RunAsync(Identity identity, TimeProvider time, CancellationToken cancellationToken)
    {
        using var http = new ServerHttp(new Uri(identity.Server), identity.DeviceKey, time);
        var (sent, serverTime, tripTime) = (time.GetTimestamp(), (DateTimeOffset?)null, TimeSpan.Zero);
        var reply = await http.ExchangeAsync<object>(
            http.Request(HttpMethod.Get, "/agent/v1/settings"),
            s_patience,
            async (response, token) =>
            {
                (serverTime, tripTime) = (response.Headers.Date, time.GetElapsedTime(sent));
                return response.StatusCode == HttpStatusCode.OK ? default : new Reply<object>(null, await http.FailureOfAsync(response, token));
            },
            cancellationToken);
        return [Rest(reply.Failure, identity, tripTime), Clock(serverTime, tripTime, time)];
    }

    private static Finding Rest(Failure? failure, Identity identity, TimeSpan tripTime) => failure switch
    {
        null => Finding.Ok("REST", $"the server knows this device's key and answers in {tripTime.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms"),
        { Kind: FailureKind.Unauthorized } => Finding.Failed("REST", $"the server does not take this device's key: {failure.Message}", $"the device was revoked or deleted: delete {Identity.FileName} in the data directory and enroll it again"),
        { Kind: FailureKind.Foreign } => Finding.Failed("REST", failure.Message, $"see that {identity.Server} is the FleetManager server, and which proxy answers in its place"),
        { Kind: FailureKind.Temporary } => Finding.Failed("REST", failure.Message, "the server is in trouble: look at its log; the agent goes on trying"),
        _ => Finding.Failed("REST", failure.Message, "see that the server runs, and the network between here and there"),
    };

    private static Finding Clock(DateTimeOffset? server, TimeSpan tripTime, TimeProvider time)
    {
        if (server is not { } there)
        {
            return Finding.Skipped("clock", "the server did not tell its time");
        }

        // It was told about half a trip ago, in whole seconds.
        var offset = time.GetUtcNow() - (there + (tripTime / 2));
        var found = string.Create(CultureInfo.InvariantCulture, $"this device is {Math.Abs(offset.TotalSeconds):0} s {(offset > TimeSpan.Zero ? "ahead of" : "behind")} the server");
        const string advice = "set the clock and keep it right: timedatectl set-ntp true. No event is lost by it, but events bear wrong times";
        return offset.Duration() < s_noteworthy ? Finding.Ok("clock", found)
            : offset.Duration() < s_wrong ? Finding.Warning("clock", found, advice)
            : Finding.Failed("clock", found, advice);
    }
}
