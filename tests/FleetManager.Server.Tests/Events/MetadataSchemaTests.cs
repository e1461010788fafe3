using System.Net;
using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Events;

public sealed class MetadataSchemaTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    [Theory, DatabaseData]
    public async Task Schemas_OfSeveralEvents_ListEveryKeyWithItsTypes(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Schema {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        await PostAsync(client, useCase, """ "eventId":"1","customMetadata":{"Part No":"a","temp":1,"ok":true,"gone":null},"images":[{"metadata":{"lens":"x"}},{"metadata":{"iso":100}}] """);
        await PostAsync(client, useCase, """ "eventId":"2","customMetadata":{"temp":"warm","Part No":"b"} """);
        // The key stays although no event has it any more.
        await PostAsync(client, useCase, """ "eventId":"1","customMetadata":{"temp":2.5} """);

        var custom = await client.GetForAnswerAsync($"/vision-events/custom-metadata-schema/{useCase}");
        var image = await client.GetForAnswerAsync($"/vision-events/image-metadata-schema/{useCase}");

        Assert.Equal(
            $$$$"""{"useCaseId":"{{{{useCase}}}}","fields":{"Part No":{"types":["string"]},"ok":{"types":["boolean"]},"temp":{"types":["string","number"]}}}""", custom.Text);
        Assert.Equal($$$$"""{"useCaseId":"{{{{useCase}}}}","fields":{"iso":{"types":["number"]},"lens":{"types":["string"]}}}""", image.Text);
    }

    [Theory, DatabaseData]
    public async Task Key_WhoseDayLeftTheHistoryWindow_IsListedNoMore(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"short-{Guid.NewGuid():n}", historyDays: 14);

        var useCase = await fleet.AddUseCaseAsync("Short", workspace);
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace));
        var now = TimeProvider.System.GetUtcNow();
        await PostAsync(client, useCase, $$""" "timestamp":"{{now.AddDays(-16):o}}","customMetadata":{"old":1} """);
        // Of the day in which the window begins: an event of its evening is still visible.
        await PostAsync(client, useCase, $$""" "timestamp":"{{now.AddDays(-14):o}}","customMetadata":{"young":1} """);

        var schema = await client.GetForAnswerAsync($"/vision-events/custom-metadata-schema/{useCase}");

        Assert.Equal(["young"], schema.Json["fields"]!.AsObject().Select(f => f.Key));
    }

    [Theory, DatabaseData]
    public async Task Schema_OfMadeUpKeysWithoutEnd_IsBoundedAndSaysSo(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Endless {Guid.NewGuid()}");
        var key = (await fleet.Service<UseCaseDirectory>().ResolveAsync(fleet.Workspace.Id, useCase, TestContext.Current.CancellationToken))!.Key;
        await using var db = fleet.Open();
        db.MetadataFields.AddRange(Enumerable.Range(0, MetadataSchemaService.MaxFields + 1).Select(i => new MetadataField
        {
            UseCaseKey = key, OfImage = false, Name = $"k{i}", Type = MetadataType.Text, LastSeen = fleet.Workspace.CreatedAt,
        }));
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        using var client = await fleet.KeyClientAsync();

        var schema = await client.GetForAnswerAsync($"/vision-events/custom-metadata-schema/{useCase}");

        Assert.Equal(MetadataSchemaService.MaxFields, schema.Json["fields"]!.AsObject().Count);
        Assert.True((bool)schema.Json["truncated"]!);
    }

    [Theory, DatabaseData]
    public async Task Schemas_WithoutScopeOrUseCase_AreRefused(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Scoped {Guid.NewGuid()}");
        using var all = await fleet.KeyClientAsync();
        using var device = await fleet.KeyClientAsync("device:read");
        using var writer = await fleet.KeyClientAsync("vision-events:write");
        using var stranger = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync($"ws-{Guid.NewGuid():n}")));

        foreach (var (client, route, id, status) in new[]
        {
            (device, "custom", useCase, HttpStatusCode.OK),
            (device, "image", useCase, HttpStatusCode.Forbidden),
            (writer, "custom", useCase, HttpStatusCode.Forbidden),
            (all, "custom", "nowhere", HttpStatusCode.NotFound),
            (all, "image", "nowhere", HttpStatusCode.NotFound),
            (stranger, "custom", useCase, HttpStatusCode.NotFound),
            (stranger, "image", useCase, HttpStatusCode.NotFound),
        })
        {
            Assert.Equal(status, (await client.GetForAnswerAsync($"/vision-events/{route}-metadata-schema/{id}")).Status);
        }
    }

    private static async Task PostAsync(HttpClient client, string useCase, string members)
    {
        var answer = await client.PostJsonAsync("/vision-events", $$"""{"eventType":"custom","useCaseId":"{{useCase}}",{{members}}}""");
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }
}
