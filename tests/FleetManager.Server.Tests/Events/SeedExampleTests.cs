using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FleetManager.Server.Tests.Events;

/// <summary>The bodies of the guide's two examples, to the letter, on the day after the one that they name.</summary>
public sealed class SeedExampleTests
{
    private const string Create = """
        {
            "eventType": "quality_check",
            "useCaseId": "assembly-line-qa",
            "timestamp": "2026-03-30T14:30:00.000Z",
            "deviceId": "factory-cam-01",
            "streamId": "line-3",
            "images": [
              {
                "sourceId": "abc123def456",
                "objectDetections": [
                  {
                    "class": "defect",
                    "x": 320,
                    "y": 240,
                    "width": 50,
                    "height": 40,
                    "confidence": 0.95
                  }
                ]
              }
            ],
            "eventData": {
              "result": "fail"
            },
            "customMetadata": {
              "line_id": "line-3",
              "shift": "morning",
              "part_number": "PN-4421"
            }
          }
        """;

    private const string Batch = """
        {
            "events": [
              {
                "eventType": "quality_check",
                "useCaseId": "alksjdflaalsf32",
                "eventData": { "result": "pass" },
                "customMetadata": { "line_id": "line-1" }
              },
              {
                "eventType": "quality_check",
                "useCaseId": "alksjdflaalsf32",
                "eventData": { "result": "fail" },
                "customMetadata": { "line_id": "line-2" }
              }
            ]
          }
        """;

    [Theory, DatabaseData]
    public async Task GuideExamples_Verbatim_AreStored(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind, host => host.ConfigureTestServices(services =>
        {
            services.RemoveAll<TimeProvider>();
            services.AddSingleton<TimeProvider>(new DayAfter());
        }));
        await fleet.AddUseCaseAsync("Assembly line QA");
        await fleet.AddUseCaseAsync("alksjdflaalsf32");
        using var client = await fleet.KeyClientAsync("vision-events:write", "vision-events:read");

        var created = await client.PostJsonAsync("/vision-events", Create);
        var batch = await client.PostJsonAsync("/vision-events/batch", Batch);

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.True((bool)created.Json["created"]!);
        Assert.Equal(HttpStatusCode.Created, batch.Status);
        Assert.Equal((2, 2), ((int)batch.Json["created"]!, batch.Json["eventIds"]!.AsArray().Distinct().Count()));
        var events = fleet.Service<EventQueryService>();
        var stored = (await events.QueryAsync(fleet.Workspace.Id, new() { UseCaseId = "assembly-line-qa" }, TestContext.Current.CancellationToken)).Events;
        Assert.Equal(("factory-cam-01", "line-3"), (Assert.Single(stored).DeviceId, stored[0].StreamId));
        var box = Assert.Single(Assert.Single(JsonNode.Parse(stored[0].Images!)!.AsArray())!["objectDetections"]!.AsArray())!;
        Assert.Equal(("defect", 320, 0.95), ((string)box["class"]!, (int)box["x"]!, (double)box["confidence"]!));
    }

    /// <summary>Only the date is another one: timers run as they do.</summary>
    private sealed class DayAfter : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 31, 8, 0, 0, TimeSpan.Zero);
    }
}
