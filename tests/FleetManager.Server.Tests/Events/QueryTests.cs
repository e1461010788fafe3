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
        { """{"useCaseId":"q","cursor":"!!!!!!!!!!!!!!!!!!!!!!!"}""", "cursor: is not a cursor of this server" },
        { """{"useCaseId":"q","cursor":"AAAAAAAAAAAAAAAAAAAAAAA"}""", "cursor: is not a cursor of this server" },
        { """{"useCaseId":"q","startTime":"then"}""", "startTime: must be an ISO 8601 time" },
        { """{"useCaseId":"q","eventType":"x"}""", "eventType: must be one of" },
        { """{"useCaseId":"q","eventTypes":"custom"}""", "eventTypes: must be an array" },
        { """{"useCaseId":"q","eventTypes":["custom",3]}""", "eventTypes[1]: must be a string" },
        { """{"useCaseId":"q","deviceId":"cam"}""", "deviceId: must be an object with operator and value" },
        { """{"useCaseId":"q","deviceId":{"operator":"gt","value":"a"}}""", "deviceId.operator: must be eq or neq, but is 'gt'." },
        { """{"useCaseId":"q","deviceId":{"operator":"eq"}}""", "deviceId.value: is missing." },
        { """{"useCaseId":"q","hasWarnings":"yes"}""", "hasWarnings: must be a boolean, but is a string." },
        { """{"useCaseId":"q","feedbackStatus":"none"}""", "feedbackStatus: must be an array of strings, but is a string." },
        { """{"useCaseId":"q","feedbackStatus":["none","great"]}""", "feedbackStatus[1]: must be one of correct, incorrect, inconclusive, none, but is 'great'." },
        { """{"useCaseId":"q","detection":"coin"}""", "detection: must be an object with operator and value" },
        { """{"useCaseId":"q","detection":{"operator":"gt","value":"a"}}""", "detection.operator: must be eq, neq, in or not_in, but is 'gt'." },
        { """{"useCaseId":"q","detection":{"operator":"eq","value":1}}""", "detection.value: must be a string, but is a number." },
        { """{"useCaseId":"q","detection":{"operator":"eq","value":["a"]}}""", "detection.value: must be one value: eq takes no array." },
        { """{"useCaseId":"q","detection":{"operator":"in","value":"a"}}""", "detection.value: must be an array of values." },
        { """{"useCaseId":"q","detection":{"operator":"in","value":[]}}""", "detection.value: is missing." },
        { """{"useCaseId":"q","detection":{"operator":"in","value":["\ud800"]}}""", "detection.value[0]: holds half of a surrogate pair" },
        { """{"useCaseId":"q","detection":{"operator":"eq","value":"a","confidence":{"operator":"eq","value":1}}}""", "detection.confidence.operator: must be gt, gte, lt or lte" },
        { """{"useCaseId":"q","detection":{"operator":"eq","value":"a","confidence":{"operator":"gt","value":"high"}}}""", "detection.confidence.value: must be a number, but is a string." },
        { """{"useCaseId":"q","detection":{"operator":"eq","value":"a","confidence":{"operator":"gt"}}}""", "detection.confidence.value: is missing." },
        { """{"useCaseId":"q","imageCount":{"operator":"contains","value":1}}""", "imageCount.operator: must be eq, neq, gt, gte, lt, lte, in or not_in, but is 'contains'." },
        { """{"useCaseId":"q","imageCount":3}""", "imageCount: must be an object with operator and value, but is a number." },
        { """{"useCaseId":"q","customMetadataFilters":{}}""", "customMetadataFilters: must be an array of filters, but is an object." },
        { """{"useCaseId":"q","customMetadataFilters":[{"operator":"eq","value":1}]}""", "customMetadataFilters[0].field: must name a metadata key" },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","value":1}]}""", "customMetadataFilters[0].operator: must be eq, neq, gt, gte, lt, lte, in, not_in, exists or not_exists, but is missing." },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","operator":"like","value":"1"}]}""", "customMetadataFilters[0].operator: must be eq, neq, gt, gte, lt, lte, in, not_in, contains, exists or not_exists, but is 'like'." },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","operator":"eq","value":1,"type":"date"}]}""", "customMetadataFilters[0].type: must be string, number or boolean, but is 'date'." },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","operator":"eq","value":1,"type":"string"}]}""", "customMetadataFilters[0].value: must be a string, but is a number." },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","operator":"eq","value":"1 2","type":"number"}]}""", "customMetadataFilters[0].value: must be a number, but is a string." },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","operator":"gt","value":true}]}""", "customMetadataFilters[0].operator: must be eq, neq, in, not_in, exists or not_exists, but is 'gt'." },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","operator":"eq","value":{"b":1}}]}""", "customMetadataFilters[0].value: must be a string, a number or a boolean, but is an object." },
        { """{"useCaseId":"q","customMetadataFilters":[{"field":"a","operator":"eq","value":1e999}]}""", "customMetadataFilters[0].value: is not a number that a double can hold" },
        { $$"""{"useCaseId":"q","imageMetadataFilters":[{{string.Join(',', Enumerable.Repeat("""{"field":"a","operator":"exists"}""", 21))}}]}""", "imageMetadataFilters: has more than 20 filters." },
        { $$"""{"useCaseId":"q","imageMetadataFilters":[{"field":"a","operator":"in","value":[{{string.Join(',', Enumerable.Range(0, 101))}}]}]}""", "imageMetadataFilters[0].value: has more than 100 values." },
        { """{"useCaseId":"q","eventFieldFilters":[{"column":"comment","operator":"eq","value":"a"}]}""", "eventFieldFilters[0].column: must be event_type, feedback, related_event_id, result, location, item_count, item_type, alert_type or severity, but is 'comment'." },
        { """{"useCaseId":"q","eventFieldFilters":[{"operator":"eq","value":"a"}]}""", "eventFieldFilters[0].column: must be event_type" },
        { """{"useCaseId":"q","eventFieldFilters":[{"column":"item_count","operator":"contains","value":"a"}]}""", "eventFieldFilters[0].operator: must be eq" },
        { """{"useCaseId":"q","eventFieldFilters":[{"column":"item_count","operator":"eq","value":"many"}]}""", "eventFieldFilters[0].value: must be a number, but is a string." },
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

        foreach (var path in new[] { Path, "/vision-events/count" })
        {
            var answer = await client.PostJsonAsync(path, body);

            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        }
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
    public async Task Pages_WhileEventsAreDeleted_ShowEachEventThatStaysOnce(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Deleted {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var at = TimeProvider.System.GetUtcNow().AddHours(-2);
        for (var i = 0; i < 9; i++)
        {
            await AddAsync(client, useCase, $"{useCase}-{i}", at);
        }

        var first = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","limit":3}""");
        // The last one of the page that was read, and the first one of the page to come.
        var deleted = await client.PostJsonAsync("/vision-events/delete", $$"""{"useCaseId":"{{useCase}}","eventIds":["{{useCase}}-6","{{useCase}}-5"]}""");
        var second = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","limit":3,"cursor":"{{(string)first.Json["nextCursor"]!}}"}""");

        Assert.Equal(["8", "7", "6"], Ids(first.Json));
        Assert.Equal("""{"deleted":2,"notFound":[]}""", deleted.Text);
        Assert.Equal(["4", "3", "2"], Ids(second.Json));
    }

    [Theory, DatabaseData]
    public async Task Cursor_OfAnotherQuery_OnlyTellsWhereToStart(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var mine = await SixEventsAsync(fleet);
        var other = await SixEventsAsync(fleet);
        using var client = await fleet.KeyClientAsync();
        var first = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{mine}}","limit":2}""");

        var answer = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{other}}","eventType":"custom","cursor":"{{(string)first.Json["nextCursor"]!}}"}""");

        Assert.All(answer.Json["events"]!.AsArray(), e => Assert.StartsWith(other, (string)e!["eventId"]!, StringComparison.Ordinal));
        Assert.Equal(["d", "b"], Ids(answer.Json));
    }

    [Theory, DatabaseData]
    public async Task Count_WithLimitAndCursor_CountsEverything(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await SixEventsAsync(fleet);
        using var client = await fleet.KeyClientAsync("device:read");
        var page = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","limit":2}""");

        var count = await client.PostJsonAsync("/vision-events/count", $$"""{"useCaseId":"{{useCase}}","limit":2,"cursor":"{{(string)page.Json["nextCursor"]!}}"}""");

        Assert.Equal(6, (int)count.Json["count"]!);
    }

    [Fact]
    public async Task Search_ThatTakesTooLong_IsStoppedWith503()
    {
        await using var fleet = await FleetApplication.StartAsync(DatabaseKind.Postgres, host => host.UseSetting("Fleet:Database:SearchSeconds", "1"));
        var useCase = await fleet.AddUseCaseAsync("Slow");
        using var client = await fleet.KeyClientAsync();
        await using var db = fleet.Open();
        await using var transaction = await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await db.Database.ExecuteSqlRawAsync("LOCK TABLE events IN ACCESS EXCLUSIVE MODE", TestContext.Current.CancellationToken);

        foreach (var path in new[] { Path, "/vision-events/count" })
        {
            var answer = await client.PostJsonAsync(path, $$"""{"useCaseId":"{{useCase}}"}""");

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Contains("longer than 1 s", answer.Error, StringComparison.Ordinal);
            Assert.NotNull(answer.Headers.RetryAfter);
        }
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
        var workspace = await fleet.AddWorkspaceAsync($"short-{Guid.NewGuid():n}", historyDays: 14);

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
            foreach (var path in new[] { Path, "/vision-events/count" })
            {
                var answer = await client.PostJsonAsync(path, $$"""{"useCaseId":"{{id}}"}""");

                Assert.Equal(HttpStatusCode.NotFound, answer.Status);
                Assert.Contains(id, answer.Error, StringComparison.Ordinal);
            }
        }
    }

    [Theory, DatabaseData]
    public async Task Device_ReadingWhatOthersSaw_IsForbidden(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Private {Guid.NewGuid()}");
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        var body = $$"""{"useCaseId":"{{useCase}}"}""";

        foreach (var answer in new[]
        {
            await device.PostJsonAsync(Path, body),
            await device.PostJsonAsync("/vision-events/count", body),
            await device.GetForAnswerAsync("/vision-events/use-cases"),
            await device.GetForAnswerAsync($"/vision-events/custom-metadata-schema/{useCase}"),
            await device.GetForAnswerAsync($"/vision-events/image-metadata-schema/{useCase}"),
        })
        {
            Assert.Equal((HttpStatusCode.Forbidden, "Insufficient permissions for this resource."), (answer.Status, answer.Error));
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
