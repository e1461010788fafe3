using System.Net;
using FleetManager.Data.Tests.Databases;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Bodies of our own routes that are JSON, but not what the route takes: the answer names the field and speaks no C#.</summary>
public sealed class JsonFaultTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string Envelope = """{"v":1,"type":"presence","deviceId":"{device}","boot":1,"seq":1,"at":"2026-01-02T03:04:05Z","body":""";
    private static readonly string s_telemetry = Envelope.Replace("presence", "telemetry", StringComparison.Ordinal);

    public static TheoryData<string, string, string> Bodies { get; } = new()
    {
        { "/agent/v1/enroll", """{"token":5}""", "token: must be a string." },
        { "/agent/v1/enroll", """{"token":"fe_x","deviceKey":[]}""", "deviceKey: must be a string." },
        { "/agent/v1/enroll", """{"token":"fe_x","hardware":7}""", "hardware: must be an object." },
        { "/agent/v1/enroll", "[]", "The body must be an object." },
        { "/agent/v1/enroll", "null", "The body must be a JSON object." },
        { "/agent/v1/enroll", "{\n\"token\":}", "The body is not valid JSON, line 2, position 9" },
        { "/agent/v1/enroll", """{"token":"\ud800"}""", "holds half of a surrogate pair" },
        { "/agent/v1/losses", """{"epoch":"x"}""", "epoch: must be a UUID." },
        { "/agent/v1/losses", """{"losses":{}}""", "losses: must be an array." },
        { "/agent/v1/losses", """{"losses":[{"from":1,"through":2},{"from":true}]}""", "losses[1].from: must be a whole number of at most 64 bits." },
        { "/agent/v1/losses", """{"losses":[{"from":1.5}]}""", "losses[0].from: must be a whole number of at most 64 bits." },
        { "/agent/v1/losses", """{"losses":[{"from":1e99}]}""", "losses[0].from: must be a whole number of at most 64 bits." },
        { "/api/v1/enrollment-tokens", """{"uses":"many"}""", "uses: must be a whole number of at most 32 bits." },
        { "/api/v1/enrollment-tokens", """{"uses":99999999999}""", "uses: must be a whole number of at most 32 bits." },
        { "/agent/v1/report", Envelope + """{"state":"sleeping","agentVersion":"1"}}""", "body.state: must be one of online, offline, lost." },
        { "/agent/v1/report", Envelope + """{"state":"online","agentVersion":1}}""", "body.agentVersion: must be a string." },
        { "/agent/v1/report", Envelope + "7}", "body: must be an object." },
        { "/agent/v1/report", s_telemetry + """{"cpuPercent":1e999}}""", "is not a number that a double can hold" },
        { "/agent/v1/report", s_telemetry + """{"cpuPercent":1e308}}""", "body.cpuPercent is missing or not what it may be" },
        { "/agent/v1/report", s_telemetry + """{"temperatureCelsius":-1e308}}""", "body.temperatureCelsius is missing or not what it may be" },
    };

    [Theory, DatabaseRows(nameof(Bodies))]
    public async Task Body_OfAnotherForm_Is400NamingTheFieldAndWhatItMustBe(DatabaseKind kind, string path, string body, string reason)
    {
        var fleet = await fixture.OnAsync(kind);
        var camera = await fleet.AddDeviceAsync();
        using var client = path.StartsWith("/agent", StringComparison.Ordinal) ? fleet.ClientFor(camera.Secret) : await fleet.KeyClientAsync();

        var answer = await client.PostJsonAsync(path, body.Replace("{device}", camera.Id.Value, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("FleetManager.", answer.Text, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }
}
