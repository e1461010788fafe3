using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Events;

public sealed class CreateEventTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Event_WithEveryField_IsAnsweredAsTheReferenceDoesAndReadBackWhole(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Whole {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var at = TimeProvider.System.GetUtcNow().AddHours(-1).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+00:00'");
        var body = $$"""
            {"eventId":"whole-1","eventType":"quality_check","useCaseId":"{{useCase}}","timestamp":"{{at}}","deviceId":"cam","streamId":"s","workflowId":"w",
             "images":[{"sourceId":"abc123def456","inputSourceId":"in-1","label":"workflow","metadata":{"lens":"wide"},
               "objectDetections":[{"class":"defect","x":320,"y":240.5,"width":50,"height":40,"confidence":0.95,"own":{"a":[1]} }],
               "classifications":[{"class":"ok","confidence":1}],
               "instanceSegmentations":[{"class":"a","x":1,"y":2,"width":3,"height":4,"confidence":0.5,"points":[[0,0],[1,0],[1,1]]}],
               "keypoints":[{"class":"p","x":1,"y":2,"width":3,"height":4,"confidence":0.5,"keypoints":[{"id":0,"x":1,"y":2},{"id":"left eye","x":1.5,"y":2}]}]}],
             "displayImagePosition":0,"eventData":{"result":"fail","externalId":"ü \"1\""},"customMetadata":{"line id":"3","n":1.5,"b":true},
             "comment":"look","shift":{"name":"late"},"store":{"epoch":"x"} }
            """;

        var created = await client.PostJsonAsync("/vision-events", body);

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal("""{"eventId":"whole-1","created":true}""", created.Text);
        var page = await client.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{useCase}}"}""");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal((null, false, 400), ((string?)page.Json["nextCursor"], (bool)page.Json["hasMore"]!, (int)page.Json["lookbackDays"]!));
        var read = Assert.Single(page.Json["events"]!.AsArray())!.AsObject();
        Assert.Equal(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture), (DateTimeOffset)read["timestamp"]!);
        Assert.Equal(["image_unknown", "image_unknown"], read["warnings"]!.AsArray().Select(w => (string)w!["code"]!));
        read.Remove("warnings");
        var sent = JsonNode.Parse(body)!.AsObject();
        sent.Remove("useCaseId");
        sent["timestamp"] = read["timestamp"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(sent, read), $"{sent}\n{read}");
    }

    [Theory, DatabaseData]
    public async Task Event_WithoutIdTimestampAndData_IsGivenThem(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Bare {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync("vision-events:write");
        var before = TimeProvider.System.GetUtcNow().AddMilliseconds(-1);

        var created = await client.PostJsonAsync("/vision-events", $$"""{"eventType":"custom","useCaseId":"{{useCase}}","eventId":null,"timestamp":null,"images":[]}""");

        Assert.Equal(HttpStatusCode.Created, created.Status);
        var id = (string)created.Json["eventId"]!;
        Assert.Equal(7, Guid.Parse(id).Version);
        var stored = await fleet.Service<EventQueryService>().FindAsync(fleet.Workspace.Id, useCase, id, Cancellation);
        Assert.InRange(stored!.Timestamp, before, TimeProvider.System.GetUtcNow());
        Assert.Null(stored.OriginDeviceId);
    }

    [Theory, DatabaseData]
    public async Task Repeat_OfSameIdAndContent_Is201AndChangesNothing(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Repeat {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        // No timestamp: what the server fills in must not make a repeat look new.
        var body = $$"""{"eventId":"r-{{kind}}","eventType":"custom","useCaseId":"{{useCase}}","eventData":{"value":"a"} }""";

        Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", body)).Status);
        var first = await fleet.Service<EventQueryService>().FindAsync(fleet.Workspace.Id, useCase, $"r-{kind}", Cancellation);
        Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", body)).Status);
        var second = await fleet.Service<EventQueryService>().FindAsync(fleet.Workspace.Id, useCase, $"r-{kind}", Cancellation);
        Assert.Equal(first, second);

        Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", body.Replace("\"a\"", "\"b\"", StringComparison.Ordinal))).Status);
        var third = await fleet.Service<EventQueryService>().FindAsync(fleet.Workspace.Id, useCase, $"r-{kind}", Cancellation);
        Assert.Contains("b", third!.EventData, StringComparison.Ordinal);
        Assert.Equal(1, await fleet.Service<EventQueryService>().CountAsync(fleet.Workspace.Id, new() { UseCaseId = useCase }, Cancellation));
    }

    /// <summary>3 000 bytes that do not pack: more than an index entry of PostgreSQL may have.</summary>
    [Theory, DatabaseData]
    public async Task ExternalId_AsLongAsItMayBe_IsStoredAndFound(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Long {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var random = new Random(1);
        var id = string.Concat(Enumerable.Range(0, 1000).Select(_ => (char)random.Next(0x4E00, 0x9FFF)));

        foreach (var external in new[] { id, id[..500], id[..499] })
        {
            var created = await client.PostJsonAsync("/vision-events", $$"""{"eventType":"custom","useCaseId":"{{useCase}}","eventData":{"externalId":"{{external}}"} }""");
            Assert.True(created.Status == HttpStatusCode.Created, created.Text);
            var count = await client.PostJsonAsync("/vision-events/count", $$"""{"useCaseId":"{{useCase}}","externalId":{"operator":"eq","value":"{{external}}"} }""");
            Assert.Equal(1, (int)count.Json["count"]!);
        }
    }

    [Theory, DatabaseData]
    public async Task UseCase_ByNameInAnyCaseOrOldAlias_IsFound(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var name = $"Painting {Guid.NewGuid()}";
        var useCase = await fleet.AddUseCaseAsync(name);
        using var client = await fleet.KeyClientAsync();

        foreach (var field in new[] { $"\"useCaseId\":\"{name.ToUpperInvariant()}\"", $"\"solution\":\"{useCase}\"" })
        {
            Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", $$"""{"eventType":"custom",{{field}}}""")).Status);
        }

        Assert.Equal(2, await fleet.Service<EventQueryService>().CountAsync(fleet.Workspace.Id, new() { UseCaseId = useCase }, Cancellation));
    }

    [Theory, DatabaseData]
    public async Task UseCase_MissingUnknownArchivedOrForeign_IsRefusedByName(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var archived = await fleet.AddUseCaseAsync($"Archived {Guid.NewGuid()}");
        await fleet.Service<UseCaseService>().ArchiveAsync(fleet.Workspace.Id, archived, "ann", Cancellation);
        var foreign = await fleet.AddUseCaseAsync("Theirs", await fleet.AddWorkspaceAsync($"other-{kind}".ToLowerInvariant()));
        using var client = await fleet.KeyClientAsync();

        async Task<string> ErrorOfAsync(string body)
        {
            var answer = await client.PostJsonAsync("/vision-events", body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            return answer.Error;
        }

        Assert.Contains("useCaseId: is missing", await ErrorOfAsync("""{"eventType":"custom"}"""), StringComparison.Ordinal);
        Assert.Contains("'nowhere' does not exist", await ErrorOfAsync("""{"eventType":"custom","useCaseId":"nowhere"}"""), StringComparison.Ordinal);
        Assert.Contains($"'{foreign}' does not exist", await ErrorOfAsync($$"""{"eventType":"custom","useCaseId":"{{foreign}}"}"""), StringComparison.Ordinal);
        Assert.Contains($"'{archived}' is archived", await ErrorOfAsync($$"""{"eventType":"custom","useCaseId":"{{archived}}"}"""), StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Device_OverEventOfAnotherOrigin_Is409(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Origin {Guid.NewGuid()}");
        var (first, second) = (await fleet.AddDeviceAsync(), await fleet.AddDeviceAsync());
        using var one = fleet.ClientFor(first.Secret);
        using var two = fleet.ClientFor(second.Secret);
        var body = $$"""{"eventId":"{{useCase}}","eventType":"custom","useCaseId":"{{useCase}}","deviceId":"{{second.Id}}"}""";

        Assert.Equal(HttpStatusCode.Created, (await one.PostJsonAsync("/vision-events", body)).Status);
        var refused = await two.PostJsonAsync("/vision-events", body);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("another device", refused.Error, StringComparison.Ordinal);
        var stored = await fleet.Service<EventQueryService>().FindAsync(fleet.Workspace.Id, useCase, useCase, Cancellation);
        Assert.Equal((first.Id.Value, second.Id.Value), (stored!.OriginDeviceId, stored.DeviceId));
    }

    [Theory, DatabaseData]
    public async Task Commit_OfEvents_IsPublishedToPages(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Live {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var told = new TaskCompletionSource();
        using var subscription = fleet.Service<ChangeFeed>().Subscribe(
            c => c == new Change(fleet.Workspace.Id, ChangeKind.Events, useCase),
            () => { told.TrySetResult(); return Task.CompletedTask; });

        await client.PostJsonAsync("/vision-events", $$"""{"eventType":"custom","useCaseId":"{{useCase}}"}""");

        await told.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }
}
