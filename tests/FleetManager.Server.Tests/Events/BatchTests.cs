using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Events;

public sealed class BatchTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Batch_OfHundred_IsStoredInOrderOfItsIds(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Hundred {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();

        var answer = await client.PostJsonAsync("/vision-events/batch", Batch(Enumerable.Range(0, 100).Select(i => Event(useCase, $"{useCase}-{i}"))));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(["created", "eventIds"], answer.Json.AsObject().Select(p => p.Key));
        Assert.Equal(100, (int)answer.Json["created"]!);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{useCase}-{i}"), answer.Json["eventIds"]!.AsArray().Select(i => (string)i!));
        Assert.Equal(100, await CountAsync(fleet, useCase));
    }

    [Theory, DatabaseData]
    public async Task Batch_WithOneBadEvent_StoresNothingAndNamesIndexAndPath(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"All {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var bad = $$"""{"eventType":"custom","useCaseId":"{{useCase}}","images":[{},{"sourceId":5}]}""";

        var invalid = await client.PostJsonAsync("/vision-events/batch", Batch([Event(useCase), Event(useCase), bad]));
        var unknown = await client.PostJsonAsync("/vision-events/batch", Batch([Event(useCase), Event("nowhere")]));

        Assert.Equal(HttpStatusCode.BadRequest, invalid.Status);
        Assert.Equal("events[2].images[1].sourceId: must be a string, but is a number.", invalid.Error);
        Assert.Equal(HttpStatusCode.BadRequest, unknown.Status);
        Assert.Contains("events[1].useCaseId: Use case 'nowhere'", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(fleet, useCase));
    }

    [Theory, DatabaseData]
    public async Task Batch_OfADeviceWithAForeignId_StoresNothing(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Foreign {Guid.NewGuid()}");
        using var key = await fleet.KeyClientAsync();
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        await key.PostJsonAsync("/vision-events", Event(useCase, $"{useCase}-taken"));

        var answer = await device.PostJsonAsync("/vision-events/batch", Batch([Event(useCase), Event(useCase, $"{useCase}-taken")]));

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.StartsWith("events[1].eventId:", answer.Error, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync(fleet, useCase));
    }

    [Theory, DatabaseData]
    public async Task PartialBatch_OfMixedItems_AnswersEachForItself(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Partial {Guid.NewGuid()}");
        var archived = await fleet.AddUseCaseAsync($"Closed {Guid.NewGuid()}");
        await fleet.Service<UseCaseService>().ArchiveAsync(fleet.Workspace.Id, archived, "ann", Cancellation);
        var camera = await fleet.AddDeviceAsync();
        using var key = await fleet.KeyClientAsync();
        using var device = fleet.ClientFor(camera.Secret);
        var (epoch, p) = (Guid.NewGuid(), useCase);
        await key.PostJsonAsync("/vision-events", Event(useCase, $"{p}-taken"));

        var answer = await device.PostJsonAsync("/vision-events/batch?partial=true", Batch([
            Event(useCase, $"{p}-1", epoch, 1),
            Event("nowhere", $"{p}-2", epoch, 2),
            Event(archived, $"{p}-3", epoch, 3),
            $$"""{"eventId":"{{p}}-4","eventType":"wrong","useCaseId":"{{useCase}}","store":{"epoch":"{{epoch}}","seq":4} }""",
            Event(useCase, $"{p}-taken", epoch, 5),
            """{"eventType":"custom"}""",
            "7",
            Event(useCase, $"{p}-1", epoch, 6),
        ]));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var results = answer.Json["results"]!.AsArray();
        Assert.Equal(
            ["created -", "rejected use_case_unknown", "rejected use_case_archived", "rejected invalid", "rejected event_id_taken", "rejected use_case_missing", "rejected invalid", "replaced -"],
            results.Select(r => $"{r!["status"]} {(string?)r["code"] ?? "-"}"));
        Assert.All(results.Where(r => (string)r!["status"]! == "rejected"), r => Assert.True((bool)r!["permanent"]!));
        Assert.Equal([$"{p}-1", $"{p}-2", $"{p}-3", $"{p}-4", $"{p}-taken", null, null, $"{p}-1"], results.Select(r => (string?)r!["eventId"]));
        Assert.Equal(2, (int)answer.Json["created"]!);
        var proof = Assert.Single(await fleet.Service<ReceiptService>().ProofAsync(fleet.Workspace.Id, camera.Id.Value, Cancellation));
        Assert.Equal(["1-1", "6-6"], proof.Held.Select(r => $"{r.From}-{r.Through}"));
    }

    [Theory, DatabaseData]
    public async Task PartialBatch_SentAgainAfterALostAnswer_IsReplacedAndHeldOnce(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Lost answer {Guid.NewGuid()}");
        var camera = await fleet.AddDeviceAsync();
        using var device = fleet.ClientFor(camera.Secret);
        var epoch = Guid.NewGuid();
        var body = Batch(Enumerable.Range(1, 30).Select(i => Event(useCase, $"{epoch}-{i}", epoch, i)));

        var first = await device.PostJsonAsync("/vision-events/batch?partial=true", body);
        var second = await device.PostJsonAsync("/vision-events/batch?partial=true", body);

        Assert.All(first.Json["results"]!.AsArray(), r => Assert.Equal("created", (string)r!["status"]!));
        Assert.All(second.Json["results"]!.AsArray(), r => Assert.Equal("replaced", (string)r!["status"]!));
        Assert.Equal(30, await CountAsync(fleet, useCase));
        var receipts = await device.GetForAnswerAsync($"/agent/v1/receipts?epoch={epoch}");
        Assert.Equal("[{\"from\":1,\"through\":30,\"count\":30}]", receipts.Json["held"]!.ToJsonString());
    }

    [Theory, DatabaseData]
    public async Task PartialBatch_OfAnApiKey_AnswersEachForItself(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Key {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();

        var answer = await client.PostJsonAsync("/vision-events/batch?partial=true", Batch([Event(useCase), "[]"]));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(["created", "rejected"], answer.Json["results"]!.AsArray().Select(r => (string)r!["status"]!));
    }

    [Theory, DatabaseData]
    public async Task Batch_OfNone_IsCreatedZero(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();

        var answer = await client.PostJsonAsync("/vision-events/batch", """{"events":[]}""");

        Assert.Equal("""{"created":0,"eventIds":[]}""", answer.Text);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
    }

    private static string Event(string useCase, string? id = null, Guid? epoch = null, int seq = 0) => new JsonObject
    {
        ["eventId"] = id,
        ["eventType"] = "custom",
        ["useCaseId"] = useCase,
        ["eventData"] = new JsonObject { ["value"] = "x" },
        ["store"] = epoch is null ? null : new JsonObject { ["epoch"] = epoch, ["seq"] = seq },
    }.ToJsonString();

    private static string Batch(IEnumerable<string> events) => $$"""{"events":[{{string.Join(',', events)}}]}""";

    private static Task<long> CountAsync(FleetApplication fleet, string useCase) =>
        fleet.Service<EventQueryService>().CountAsync(fleet.Workspace.Id, new() { UseCaseId = useCase }, Cancellation);
}
