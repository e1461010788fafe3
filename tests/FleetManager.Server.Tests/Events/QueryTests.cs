using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Events;

public sealed class QueryTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string Path = "/vision-events/query";

    // Filters beside useCaseId, and the events that match: a to f, newest first.
    public static TheoryData<DatabaseKind, string, string> Filters { get; } = new(
        from kind in Enum.GetValues<DatabaseKind>()
        from row in new (string Filter, string Found)[]
        {
            ("", "f e d c b a"),
            (""" ,"eventType":"custom" """, "f d b"),
            (""" ,"eventTypes":["safety_alert","quality_check"] """, "e c a"),
            (""" ,"eventTypes":["safety_alert","custom"],"eventType":"custom" """, "f d b"),
            (""" ,"eventTypes":[] """, "f e d c b a"),
            (""" ,"startTime":"{c}" """, "f e d c"),
            (""" ,"endTime":"{c}" """, "c b a"),
            (""" ,"startTime":"{b}","endTime":"{d}" """, "d c b"),
            (""" ,"deviceId":{"operator":"eq","value":"cam-1"} """, "d a"),
            (""" ,"deviceId":{"operator":"neq","value":"cam-1"} """, "f e c b"),
            (""" ,"streamId":{"operator":"eq","value":"line"} """, "b"),
            (""" ,"workflowId":{"value":"flow","operator":"neq"} """, "f e d b a"),
            (""" ,"externalId":{"operator":"eq","value":"x-5"} """, "e"),
            (""" ,"externalId":{"operator":"neq","value":"x-5"} """, "f d c b a"),
            (""" ,"deviceId":{"operator":"eq","value":"cam-1"},"eventType":"custom","limit":1 """, "d"),
            (""" ,"streamId":{"operator":"eq","value":"' OR 1=1 --"} """, ""),
            (""" ,"somethingNew":[1,{"a":2}],"deviceId":null """, "f e d c b a"),
        }
        select (kind, row.Filter, row.Found));

    public static TheoryData<string, string> BadQueries { get; } = new()
    {
        { "{}", "useCaseId: is missing" },
        { "[]", "must be a JSON object of filters" },
        { """{"useCaseId":1}""", "useCaseId: must be a string" },
        { """{"useCaseId":"q","limit":0}""", "limit: must be from 1 to 1000, but is 0." },
        { """{"useCaseId":"q","limit":1001}""", "limit: must be from 1 to 1000, but is 1001." },
        { """{"useCaseId":"q","limit":"5"}""", "limit: must be a number, but is a string." },
        { """{"useCaseId":"q","cursor":"!!"}""", "cursor: is not a cursor of this server" },
        { """{"useCaseId":"q","cursor":"AAAAAAAAAAAAAAAAAAAAAAA"}""", "cursor: is not a cursor of this server" },
        { """{"useCaseId":"q","startTime":"then"}""", "startTime: must be an ISO 8601 time" },
        { """{"useCaseId":"q","eventType":"x"}""", "eventType: must be one of" },
        { """{"useCaseId":"q","eventTypes":"custom"}""", "eventTypes: must be an array" },
        { """{"useCaseId":"q","eventTypes":["custom",3]}""", "eventTypes[1]: must be a string" },
        { """{"useCaseId":"q","deviceId":"cam"}""", "deviceId: must be an object with operator and value" },
        { """{"useCaseId":"q","deviceId":{"operator":"gt","value":"a"}}""", "deviceId.operator: must be eq or neq, but is 'gt'." },
        { """{"useCaseId":"q","deviceId":{"operator":"eq"}}""", "deviceId.value: is missing." },
        { """{"useCaseId":"q","hasWarnings":true}""", "hasWarnings: this filter is not supported by this server yet" },
        { """{"useCaseId":"q","detection":{"operator":"eq","value":"a"}}""", "detection: this filter is not supported by this server yet" },
        { """{"useCaseId":"q","customMetadataFilters":[]}""", "customMetadataFilters: this filter is not supported" },
        { "{", "not valid JSON" },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Query_WithFilters_FindsNewestFirst(DatabaseKind kind, string filter, string found)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await SixEventsAsync(fleet);
        using var client = await fleet.KeyClientAsync("vision-events:read");
        foreach (var name in "abcdef")
        {
            filter = filter.Replace($"{{{name}}}", TimeOf(fleet, name), StringComparison.Ordinal);
        }

        var answer = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}"{{filter}}}""");

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal(found, string.Join(' ', Ids(answer.Json)));
    }

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task Query_ThatCanNotBeRead_Is400NamingTheFilter(string body, string reason)
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync("vision-events:read");

        var answer = await client.PostJsonAsync(Path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Pages_WhileEventsArrive_ShowEachEventOnce(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Pages {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        // Three share each moment, so that pages end between equal timestamps.
        var start = TimeProvider.System.GetUtcNow().AddHours(-2);
        for (var i = 0; i < 20; i++)
        {
            await AddAsync(client, useCase, $"{useCase}-{i:00}", start.AddMinutes(i / 3));
        }

        var seen = new List<string>();
        string? cursor = null;
        for (var page = 0; page == 0 || cursor is not null; page++)
        {
            var answer = await client.PostJsonAsync(Path, new JsonObject { ["useCaseId"] = useCase, ["limit"] = 7, ["cursor"] = cursor }.ToJsonString());
            seen.AddRange(answer.Json["events"]!.AsArray().Select(e => (string)e!["eventId"]!));
            cursor = (string?)answer.Json["nextCursor"];
            Assert.Equal(cursor is not null, (bool)answer.Json["hasMore"]!);
            await AddAsync(client, useCase, $"{useCase}-new-{page}", start.AddHours(1));
        }

        Assert.Equal(Enumerable.Range(0, 20).Reverse().Select(i => $"{useCase}-{i:00}"), seen);
    }

    [Theory, DatabaseData]
    public async Task Page_OfHugeEvents_EndsEarlyAndTheNextGoesOn(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var id = await fleet.AddUseCaseAsync($"Huge events {kind}");
        var filler = new string('x', 3 * 1024 * 1024);
        for (var i = 0; i < 8; i++)
        {
            await client.PostJsonAsync("/vision-events", $$"""{"eventId":"{{kind}}-huge-{{i}}","eventType":"custom","useCaseId":"{{id}}","filler":"{{filler}}"}""");
        }

        var events = fleet.Service<EventQueryService>();
        var first = await events.QueryAsync(fleet.Workspace.Id, new() { UseCaseId = id }, TestContext.Current.CancellationToken);
        var second = await events.QueryAsync(fleet.Workspace.Id, new() { UseCaseId = id, Cursor = first.NextCursor }, TestContext.Current.CancellationToken);

        Assert.InRange(first.Events.Count, 1, 7);
        Assert.True(first.HasMore);
        Assert.False(second.HasMore);
        Assert.Equal(8, first.Events.Concat(second.Events).Select(e => e.EventId).Distinct().Count());
    }

    [Theory, DatabaseData]
    public async Task Events_OlderThanTheHistoryWindow_AreInvisible(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"short-{Guid.NewGuid():n}");
        await using (var db = fleet.Open())
        {
            await db.Workspaces.Where(w => w.Id == workspace.Id).ExecuteUpdateAsync(s => s.SetProperty(w => w.HistoryDays, 14), TestContext.Current.CancellationToken);
        }

        var useCase = await fleet.AddUseCaseAsync("Short", workspace);
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace));
        var now = TimeProvider.System.GetUtcNow();
        await AddAsync(client, useCase, "old", now.AddDays(-20));
        await AddAsync(client, useCase, "young", now.AddDays(-10));

        var answer = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","startTime":"{{now.AddDays(-30):yyyy-MM-dd}}"}""");

        Assert.Equal(["young"], answer.Json["events"]!.AsArray().Select(e => (string)e!["eventId"]!));
        Assert.Equal(14, (int)answer.Json["lookbackDays"]!);
        var events = fleet.Service<EventQueryService>();
        Assert.Equal(1, await events.CountAsync(workspace.Id, new() { UseCaseId = useCase }, TestContext.Current.CancellationToken));
        Assert.Null(await events.FindAsync(workspace.Id, useCase, "old", TestContext.Current.CancellationToken));
    }

    [Theory, DatabaseData]
    public async Task UseCase_OfAnotherWorkspaceOrUnknown_Is404(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Ours {Guid.NewGuid()}");
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync($"ws-{Guid.NewGuid():n}")));

        foreach (var id in new[] { useCase, "nowhere" })
        {
            var answer = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{id}}"}""");

            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            Assert.Contains(id, answer.Error, StringComparison.Ordinal);
        }
    }

    private static async Task<string> SixEventsAsync(FleetApplication fleet)
    {
        var useCase = await fleet.AddUseCaseAsync($"Six {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        (char Name, string Type, string More)[] events =
        [
            ('d', "custom", ""","deviceId":"cam-1" """),
            ('a', "quality_check", ""","deviceId":"cam-1" """),
            ('f', "custom", ""","deviceId":"cam-2","eventData":{"externalId":"x-6"} """),
            ('b', "custom", ""","deviceId":"cam-2","streamId":"line" """),
            ('e', "safety_alert", ""","eventData":{"externalId":"x-5"} """),
            ('c', "quality_check", ""","workflowId":"flow" """),
        ];
        foreach (var (name, type, more) in events)
        {
            var answer = await client.PostJsonAsync(
                "/vision-events",
                $$"""{"eventId":"{{useCase}}-{{name}}","eventType":"{{type}}","useCaseId":"{{useCase}}","timestamp":"{{TimeOf(fleet, name)}}"{{more}}}""");
            Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        }

        return useCase;
    }

    private static string TimeOf(FleetApplication fleet, char name) => $"{fleet.Workspace.CreatedAt.AddHours(name - 'z'):yyyy-MM-dd'T'HH:mm:ss'Z'}";

    private static Task<Answer> AddAsync(HttpClient client, string useCase, string id, DateTimeOffset at) => client.PostJsonAsync(
        "/vision-events",
        $$"""{"eventId":"{{id}}","eventType":"custom","useCaseId":"{{useCase}}","timestamp":"{{at:yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");

    private static IEnumerable<string> Ids(JsonNode page) => page["events"]!.AsArray().Select(e => ((string)e!["eventId"]!)[^1..]);
}
