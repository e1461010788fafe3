using System.Globalization;
using System.Text;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Recorded;

/// <summary>What the reference's own clients send (vision-events.md 16.1), byte for byte, and what they need to get (section 3).</summary>
public sealed class RecordedTests
{
    /// <summary>One story in order: each request may use what an earlier answer said.</summary>
    private static readonly (string Request, int Status, string Answer)[] s_story =
    [
        ("bootstrap", 200, """{"workspace":"{{workspace}}"}"""),
        ("workspace", 200, """{"workspace":{"name":"Default workspace","url":"{{workspace}}","projects":[]}}"""),
        ("sdk-create-use-case", 201, """{"id":"{{useCase}}","name":"Line 3"}"""),
        ("sdk-create-use-case", 409, """{"error":"…"}"""),
        ("sdk-rename-use-case", 200, """{"id":"{{useCase}}","name":"Line 4"}"""),
        ("sdk-upload", 201, """{"success":true,"sourceId":"{{sourceId}}","url":"http://{{host}}/vision-events/images/{{sourceId}}…"}"""),
        ("sdk-upload", 201, """{"success":true,"sourceId":"{{sourceId}}","url":"http://{{host}}/vision-events/images/{{sourceId}}…"}"""),
        ("sdk-create", 201, """{"eventId":"7f8d2f6e-6a0c-4c39-9a39-0a6e1c4c8d11","created":true}"""),
        ("sdk-create", 201, """{"eventId":"7f8d2f6e-6a0c-4c39-9a39-0a6e1c4c8d11","created":true}"""),
        ("sdk-batch", 201, """{"created":2,"eventIds":["{{first}}","batch-2"]}"""),
        ("sdk-query", 200, """{"events":[{"eventId":"7f8d2f6e-6a0c-4c39-9a39-0a6e1c4c8d11","eventType":"quality_check","timestamp":"…","deviceId":"cam-01","streamId":"line-3","eventData":{…},"images":[{…}],"customMetadata":{…}}],"nextCursor":null,"hasMore":false,"lookbackDays":400}"""),
        ("block-upload", 201, """{"success":true,"sourceId":"{{input}}","url":"…"}"""),
        ("block-create", 201, """{"eventId":"5b1f8d2e-9d6c-4f57-8a52-3b5f4f0a7c10","created":true}"""),
        ("sdk-query-all-1", 200, """{"events":[{…},{…}],"nextCursor":"{{cursor}}","hasMore":true,"lookbackDays":400}"""),
        ("sdk-query-all-2", 200, """{"events":[{…},{…}],"nextCursor":null,"hasMore":false,"lookbackDays":400}"""),
        ("block-create-bare", 201, """{"eventId":"b7f1c1de-2f2f-4d3a-8c0e-6a1a2b3c4d5e","created":true}"""),
        ("sdk-list", 200, """{"useCases":[{"id":"{{useCase}}","name":"Line 4","status":"active","eventCount":5,…}],"lookbackDays":400}"""),
        ("sdk-list-inactive", 200, """{"useCases":[],"lookbackDays":400}"""),
        ("sdk-archive", 200, """{"success":true}"""),
        ("sdk-archive", 200, """{"success":true}"""),
        ("sdk-list", 200, """{"useCases":[],"lookbackDays":400}"""),
        ("sdk-list-inactive", 200, """{"useCases":[{"id":"{{useCase}}","name":"Line 4","status":"inactive",…}],"lookbackDays":400}"""),
        ("block-create-bare", 400, """{"error":"…archived…"}"""),
        ("sdk-query", 200, """{"events":[{…}],"nextCursor":null,"hasMore":false,"lookbackDays":400}"""),
        ("sdk-unarchive", 200, """{"success":true}"""),
        ("sdk-unarchive", 200, """{"success":true}"""),
        ("block-create-bare", 201, """{"eventId":"b7f1c1de-2f2f-4d3a-8c0e-6a1a2b3c4d5e","created":true}"""),
        ("sdk-custom-metadata-schema", 200, """{"useCaseId":"{{useCase}}","fields":{"line_id":{"types":["string"]},"night":{"types":["boolean"]},"shift":{"types":["string"]},"temperature":{"types":["number"]}}}"""),

        // No client of the reference calls these three yet: they are in the form in which its SDK sends the others.
        ("image-metadata-schema", 200, """{"useCaseId":"{{useCase}}","fields":{"lens":{"types":["string"]},"n":{"types":["number"]}}}"""),
        ("count", 200, """{"count":5,"lookbackDays":400}"""),
        ("delete", 200, """{"deleted":1,"notFound":["no-such-event"]}"""),
        ("delete", 200, """{"deleted":0,"notFound":["batch-2","no-such-event"]}"""),
        ("count", 200, """{"count":4,"lookbackDays":400}"""),
        ("device-create", 201, """{"deviceId":"{{device}}","installId":"{{install}}"}"""),
        ("device-list", 200, """{"data":[{"id":"{{device}}","name":"Line 3 camera","status":"unknown",…"tags":["line-3","north"],…}]}"""),
        ("device-get", 200, """{"id":"{{device}}","name":"Line 3 camera","status":"unknown","last_heartbeat":null,"platform":null,…"type":"edge",…}"""),
        ("device-config", 200, """{"device_id":"{{device}}","device_name":"Line 3 camera","workspace_id":"{{workspace}}","version":…,"config":{…},"services":{},…}"""),
        ("device-config-history", 200, """{"data":[…],"pagination":{"next_cursor":null,"has_more":false,"limit":10}}"""),
        ("device-streams", 200, """{"data":[]}"""),
        ("device-logs", 200, """{"data":[],"pagination":{"next_cursor":null,"has_more":false,"limit":100}}"""),
        ("device-telemetry", 200, """{"time_period":"24h","bucket_interval":"30 MINUTE",…"buckets":[…],…}"""),
        ("device-events", 200, """{"data":[…],"pagination":{"next_cursor":null,"prev_cursor":null,"has_more":false,"limit":100}}"""),
    ];

    [Theory, DatabaseData]
    public async Task Requests_OfTheReferencesClients_GetExactlyWhatTheyNeed(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var recording = Record(fleet, await fleet.MintKeyAsync());

        foreach (var (request, status, answer) in s_story)
        {
            var found = await recording.SendAsync(request);
            Assert.True(status == found.Status, $"{request}: {found.Status} {found.Body}");
            Assert.Contains("Content-Type: application/json", found.Head, StringComparison.Ordinal);
            recording.Match(request, answer, found.Body);
        }
    }

    /// <summary>The SDK gives up at a 401 and tries anything else again; the CLI shows its advert for some words.</summary>
    [Theory, DatabaseData]
    public async Task Requests_WithAWrongKey_Are401InPlainWords(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var recording = Record(fleet, "fk_" + new string('a', 64), "useCase", "sourceId", "input", "cursor", "device");

        foreach (var request in s_story.Select(s => s.Request).Distinct())
        {
            var answer = await recording.SendAsync(request);
            Assert.True(answer.Status == 401, $"{request}: {answer.Status} {answer.Body}");
            recording.Match(request, """{"error":"…"}""", answer.Body);
            Assert.All(["Unauthorized", "require", "Enterprise", "over_quota"], word => Assert.DoesNotContain(word, answer.Body, StringComparison.OrdinalIgnoreCase));
        }

        await Leftovers.AssertNoneAsync(fleet);
    }

    private static Recording Record(FleetApplication fleet, string key, params string[] unknown)
    {
        var now = TimeProvider.System.GetUtcNow();
        string At(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
        var words = unknown.ToDictionary(word => word, _ => "unknown");
        words["host"] = fleet.Address.Authority;
        words["key"] = key;
        words["workspace"] = fleet.Workspace.Slug;
        words["now"] = At(now.AddMinutes(-1), "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
        words["yesterday"] = At(now.AddDays(-1), "yyyy-MM-dd'T'HH:mm:ss'Z'");
        words["python"] = At(now, "yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'");
        words["jpeg"] = Encoding.Latin1.GetString([0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10, .. "JFIF"u8, 0, 1, 0x0A, 0x0D, 3, 0x80, 0xFF, 0xD9]);
        return new Recording(fleet, words);
    }
}
