using System.Net;
using FleetManager.Data.Rollups;
using FleetManager.Data.Tests.Databases;
using FleetManager.Data.Workspaces;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Events.Retention;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FleetManager.Server.Tests.Events;

public sealed class RetentionTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static readonly DateTimeOffset s_now = TimeProvider.System.GetUtcNow();
    private static readonly DateTimeOffset s_countedDay = new(s_now.AddDays(-60).UtcDateTime.Date, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Delete_WindowMadeShorter_HiddenAtOnceAndGoneAfterwards(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var (ours, theirs) = (await fleet.AddWorkspaceAsync($"a-{Guid.NewGuid():n}"), await fleet.AddWorkspaceAsync($"b-{Guid.NewGuid():n}"));
        var (useCase, foreign) = (await fleet.AddUseCaseAsync("Use case", ours), await fleet.AddUseCaseAsync("Use case", theirs));
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(ours));
        using var others = fleet.ClientFor(await fleet.MintKeyAsync(theirs));
        await AddAsync(client, useCase, "old", 40, ""","customMetadata":{"gone":"x","kept":"x"}""");
        await AddAsync(client, useCase, "young", 5, ""","customMetadata":{"kept":"x"}""");
        await AddAsync(others, foreign, "old", 40, ""","customMetadata":{"gone":"x"}""");
        await AddCountedDayAsync(fleet, ours, theirs);
        await RunAsync(fleet);
        Assert.Equal(2, await VisibleAsync(fleet, ours, useCase));

        var changed = await client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Patch, "/api/v1/workspace")
        {
            Content = new StringContent("""{"historyDays":30}"""),
        });
        Assert.Equal((HttpStatusCode.OK, 30), (changed.Status, (int)changed.Json["historyDays"]!));
        Assert.Equal(1, await VisibleAsync(fleet, ours, useCase));
        Assert.Equal(2, await StoredAsync(fleet, ours));
        await RunAsync(fleet);

        Assert.Equal((1, 1), (await StoredAsync(fleet, ours), await StoredAsync(fleet, theirs)));
        Assert.Equal(1, await VisibleAsync(fleet, theirs, foreign));
        await using var db = fleet.Open();
        var fields = await db.MetadataFields
            .Where(f => db.UseCases.Any(u => u.Key == f.UseCaseKey && (u.WorkspaceId == ours.Id || u.WorkspaceId == theirs.Id)))
            .Select(f => f.Name).ToListAsync(Cancellation);
        Assert.Equal(["gone", "kept"], fields.Order());
        var counted = await db.FacetDays.Where(f => f.Day == s_countedDay)
            .Join(db.UseCases, f => f.UseCaseKey, u => u.Key, (_, u) => u.WorkspaceId)
            .Where(w => w == ours.Id || w == theirs.Id)
            .ToListAsync(Cancellation);
        Assert.Equal([theirs.Id], counted);
    }

    [Theory, DatabaseData]
    public async Task Delete_EventThatWasReviewed_FeedbackStays(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"w-{Guid.NewGuid():n}");
        var useCase = await fleet.AddUseCaseAsync("Use case", workspace);
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace));
        await AddAsync(client, useCase, "old", 40);
        await AddAsync(client, useCase, "review", 5, ""","eventData":{"relatedEventId":"old","feedback":"correct"}""", "operator_feedback");
        await fleet.Service<HistoryWindow>().SetAsync(workspace.Id, 30, "ann", Cancellation);

        await RunAsync(fleet);

        await using var db = fleet.Open();
        var left = await db.Events.Where(e => e.WorkspaceId == workspace.Id).Select(e => new { e.EventId, e.RelatedEventId }).ToListAsync(Cancellation);
        Assert.Equal([new { EventId = "review", RelatedEventId = (string?)"old" }], left);
    }

    [Theory, DatabaseData]
    public async Task Delete_MoreThanABatch_AllAreGone(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"w-{Guid.NewGuid():n}");
        var useCase = await fleet.AddUseCaseAsync("Use case", workspace);
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace));
        for (var batch = 0; batch < 12; batch++)
        {
            var events = Enumerable.Range(0, 100).Select(i => Event(useCase, $"{batch}-{i}", 40));
            Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events/batch", $$"""{"events":[{{string.Join(',', events)}}]}""")).Status);
        }

        await fleet.Service<HistoryWindow>().SetAsync(workspace.Id, 30, "ann", Cancellation);
        await RunAsync(fleet);

        Assert.Equal(0, await StoredAsync(fleet, workspace));
    }

    private static async Task AddCountedDayAsync(FleetApplication fleet, params Workspace[] workspaces)
    {
        var ids = workspaces.Select(w => w.Id).ToList();
        await using var db = fleet.Open();
        var keys = await db.UseCases.Where(u => ids.Contains(u.WorkspaceId)).Select(u => u.Key).ToListAsync(Cancellation);
        db.FacetDays.AddRange(keys.Select(key => new FacetDay { UseCaseKey = key, Day = s_countedDay, CountedAt = s_now }));
        await db.SaveChangesAsync(Cancellation);
    }

    private static Task RunAsync(FleetApplication fleet) =>
        fleet.Services.GetServices<IHostedService>().OfType<RetentionWorker>().Single().DeleteAsync(Cancellation);

    private static Task<long> VisibleAsync(FleetApplication fleet, Workspace workspace, string useCase) =>
        fleet.Service<EventQueryService>().CountAsync(workspace.Id, new EventQuery { UseCaseId = useCase }, Cancellation);

    private static async Task<int> StoredAsync(FleetApplication fleet, Workspace workspace)
    {
        await using var db = fleet.Open();
        return await db.Events.CountAsync(e => e.WorkspaceId == workspace.Id, Cancellation);
    }

    private static async Task AddAsync(HttpClient client, string useCase, string id, int daysAgo, string more = "", string type = "custom")
    {
        var answer = await client.PostJsonAsync("/vision-events", Event(useCase, id, daysAgo, more, type));
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }

    private static string Event(string useCase, string id, int daysAgo, string more = "", string type = "custom") =>
        $$"""{"eventId":"{{id}}","eventType":"{{type}}","useCaseId":"{{useCase}}","timestamp":"{{s_now.AddDays(-daysAgo):yyyy-MM-dd'T'HH:mm:ss'Z'}}"{{more}}}""";
}
