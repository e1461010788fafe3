using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Events;

public sealed class CountsApiTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static readonly DateTimeOffset s_day = new(TimeProvider.System.GetUtcNow().AddDays(-3).UtcDateTime.Date, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Histogram_OfHours_IsExactAsSoonAsEventsAreAnswered(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Hours {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync(Scopes.VisionEventsRead, Scopes.VisionEventsWrite);

        for (var i = 1; i <= 5; i++)
        {
            await AddAsync(client, useCase, $"{i}", s_day.AddMinutes(25 * i), i % 2 == 0 ? "custom" : "quality_check");
            var answer = await client.GetForAnswerAsync($"{Path(useCase)}/histogram?from={s_day:yyyy-MM-dd}&to={s_day.AddHours(3):yyyy-MM-dd'T'HH':30Z'}");
            Assert.Equal((HttpStatusCode.OK, i), (answer.Status, (int)answer.Json["total"]!));
        }

        var hours = await client.GetForAnswerAsync($"{Path(useCase)}/histogram?from={Text(s_day)}&to={Text(s_day.AddHours(3))}&bucket=hour");
        Assert.Equal(
            [
                $$"""{{s_day:u}} 2 {"custom":1,"quality_check":1}""",
                $$"""{{s_day.AddHours(1):u}} 2 {"custom":1,"quality_check":1}""",
                $$"""{{s_day.AddHours(2):u}} 1 {"quality_check":1}""",
            ],
            Buckets(hours));
        Assert.Equal((useCase, "hour"), ((string)hours.Json["useCaseId"]!, (string)hours.Json["bucket"]!));
        var custom = await client.GetForAnswerAsync($"{Path(useCase)}/histogram?from={Text(s_day)}&to={Text(s_day.AddHours(4))}&types=custom,safety_alert");
        Assert.Equal([1, 1, 0, 0], custom.Json["buckets"]!.AsArray().Select(b => (int)b!["total"]!));
    }

    [Theory, DatabaseData]
    public async Task Histogram_OfDays_FollowsAnEventThatMoves(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Days {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var path = $"{Path(useCase)}/histogram?from={Text(s_day)}&to={Text(s_day.AddDays(2))}&bucket=day";

        await AddAsync(client, useCase, "1", s_day);
        var before = await client.GetForAnswerAsync(path);
        await AddAsync(client, useCase, "1", s_day.AddDays(1));
        var after = await client.GetForAnswerAsync(path);

        Assert.Equal([1, 0], before.Json["buckets"]!.AsArray().Select(b => (int)b!["total"]!));
        Assert.Equal([0, 1], after.Json["buckets"]!.AsArray().Select(b => (int)b!["total"]!));
    }

    [Theory, DatabaseData]
    public async Task Histogram_BeforeTheHistoryWindow_BeginsAtItsEdge(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"w-{Guid.NewGuid():n}");
        await fleet.Service<HistoryWindow>().SetAsync(workspace.Id, 2, "ann", Cancellation);
        var useCase = await fleet.AddUseCaseAsync("Short", workspace);
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace));
        await AddAsync(client, useCase, "old", s_day);
        await AddAsync(client, useCase, "young", s_day.AddDays(2));

        var answer = await client.GetForAnswerAsync($"{Path(useCase)}/histogram?bucket=day");

        Assert.Equal(1, (int)answer.Json["total"]!);
        Assert.InRange((DateTimeOffset)answer.Json["from"]!, s_day.AddDays(1), s_day.AddDays(2).AddSeconds(30));
    }

    [Theory, DatabaseData]
    public async Task Facets_OfWholeDays_SayWhatIsCounted(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Facets {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var started = TimeProvider.System.GetUtcNow();
        await client.PostJsonAsync(
            "/vision-events/batch",
            $$"""
            {"events":[{{Event(useCase, "1", ""","deviceId":"cam","customMetadata":{"line":"a","ok":true,"t":1}""")}},
              {{Event(useCase, "2", ""","deviceId":"cam","customMetadata":{"line":"b"}""")}},{{Event(useCase, "3", ""","customMetadata":{"line":"b"}""")}}]}
            """);
        var path = $"{Path(useCase)}/facets?from={Text(s_day.AddHours(5))}&to={Text(s_day.AddHours(6))}";

        var answer = JsonNode.Parse(await Poll.UntilAsync(
            async () => (await client.GetForAnswerAsync(path)).Text, text => text.Contains("\"pending\":[]", StringComparison.Ordinal)))!;
        var line = await client.GetForAnswerAsync($"{path}&field=customMetadata.line&top=1");

        Assert.Equal(
            [
                """{"field":"customMetadata.line","values":[{"value":"b","type":"string","events":2},{"value":"a","type":"string","events":1}],"otherEvents":0}""",
                """{"field":"customMetadata.ok","values":[{"value":"true","type":"boolean","events":1}],"otherEvents":0}""",
                """{"field":"deviceId","values":[{"value":"cam","type":"string","events":2}],"otherEvents":0}""",
            ],
            answer["fields"]!.AsArray().Select(f => f!.ToJsonString()));
        Assert.Equal((s_day, s_day.AddDays(1)), ((DateTimeOffset)answer["from"]!, (DateTimeOffset)answer["to"]!));
        Assert.True((DateTimeOffset)answer["countedThrough"]! >= started);
        Assert.Equal(
            ["""{"field":"customMetadata.line","values":[{"value":"b","type":"string","events":2}],"otherEvents":1}"""],
            line.Json["fields"]!.AsArray().Select(f => f!.ToJsonString()));

        await AddAsync(client, useCase, "4", s_day);
        var pending = await client.GetForAnswerAsync(path);
        Assert.Equal([s_day], pending.Json["pending"]!.AsArray().Select(d => (DateTimeOffset)d!));
        Assert.InRange((DateTimeOffset)pending.Json["countedThrough"]!, started, (DateTimeOffset)answer["countedThrough"]!);
    }

    [Theory, DatabaseData]
    public async Task BadRequests_OfBothRoutes_AreRefusedWithTheReason(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Bad {Guid.NewGuid()}");
        var foreign = await fleet.AddUseCaseAsync("Theirs", await fleet.AddWorkspaceAsync($"ws-{Guid.NewGuid():n}"));
        using var client = await fleet.KeyClientAsync();
        using var writer = await fleet.KeyClientAsync(Scopes.VisionEventsWrite);
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        var (histogram, facets) = ($"{Path(useCase)}/histogram", $"{Path(useCase)}/facets");

        var table = new (HttpClient Client, string Path, HttpStatusCode Status, string Reason)[]
        {
            (client, $"{histogram}?bucket=minute", HttpStatusCode.BadRequest, "bucket must be hour or day, but is 'minute'"),
            (client, $"{histogram}?from=yesterday", HttpStatusCode.BadRequest, "from must be an ISO 8601 time"),
            (client, $"{histogram}?to=0001-01-01", HttpStatusCode.BadRequest, "to must be an ISO 8601 time"),
            (client, $"{histogram}?to=9999-12-31T23:59:59Z", HttpStatusCode.BadRequest, "to must be an ISO 8601 time"),
            (client, $"{histogram}?from=2026-02-01&to=2026-01-01", HttpStatusCode.BadRequest, "lies before"),
            (client, $"{histogram}?from=2026-01-01&to=2026-02-02", HttpStatusCode.BadRequest, "at most 31 days"),
            (client, $"{histogram}?from=1990-01-01&to=2026-02-02&bucket=day", HttpStatusCode.BadRequest, "at most 3660 days"),
            (client, $"{histogram}?types=custom,odd", HttpStatusCode.BadRequest, "but has 'odd'"),
            (client, $"{facets}?from=2026-01-01&to=2026-02-02", HttpStatusCode.BadRequest, "at most 31 days"),
            (client, $"{facets}?field=eventId", HttpStatusCode.BadRequest, "field must be"),
            (client, $"{facets}?top=0", HttpStatusCode.BadRequest, "top must be from 1 to 1000"),
            (client, $"{facets}?top=many", HttpStatusCode.BadRequest, "Top"),
            (client, $"{Path(foreign)}/histogram", HttpStatusCode.NotFound, foreign),
            (client, $"{Path("nowhere")}/facets", HttpStatusCode.NotFound, "'nowhere'"),
            (writer, histogram, HttpStatusCode.Forbidden, "permissions"),
            (device, facets, HttpStatusCode.Forbidden, "permissions"),
        };

        foreach (var (who, path, status, reason) in table)
        {
            var answer = await who.GetForAnswerAsync(path);
            Assert.Equal((path, status), (path, answer.Status));
            Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        }
    }

    [Theory, DatabaseData]
    public async Task Count_OfTypesAndTimes_IsThatOfTheQuery(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Count {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        await AddAsync(client, useCase, "1", s_day);
        await AddAsync(client, useCase, "2", s_day.AddHours(30), "quality_check");
        await AddAsync(client, useCase, "3", s_day.AddHours(40));
        var events = fleet.Service<EventQueryService>();
        var all = new EventQuery { UseCaseId = useCase };

        EventQuery[] queries =
        [
            all,
            all with { EventTypes = ["custom"] },
            all with { StartTime = s_day, EndTime = s_day },
            all with { StartTime = s_day.AddMicroseconds(1), EndTime = s_day.AddHours(40) },
            all with { EndTime = s_day.AddHours(40).AddMicroseconds(-1) },
            all with { StartTime = DateTimeOffset.MaxValue },
            all with { EndTime = DateTimeOffset.MinValue },
            all with { EndTime = DateTimeOffset.MaxValue, Limit = 1 },
            all with { DeviceId = new TextFilter("nobody", Negated: true) },
        ];

        foreach (var query in queries)
        {
            var page = await events.QueryAsync(fleet.Workspace.Id, query with { Limit = 10 }, Cancellation);
            Assert.Equal(page.Events.Count, await events.CountAsync(fleet.Workspace.Id, query, Cancellation));
        }
    }

    private static string Path(string useCase) => $"/api/v1/use-cases/{useCase}";

    private static string Text(DateTimeOffset at) => $"{at:yyyy-MM-dd'T'HH:mm:ss}%2B00:00";

    private static IEnumerable<string> Buckets(Answer answer) => answer.Json["buckets"]!.AsArray()
        .Select(b => $"{(DateTimeOffset)b!["start"]!:u} {b["total"]} {b["types"]!.ToJsonString()}");

    private static string Event(string useCase, string id, string more) =>
        $$"""{"eventId":"{{useCase}}-{{id}}","eventType":"custom","useCaseId":"{{useCase}}","timestamp":"{{s_day.AddHours(2):yyyy-MM-dd'T'HH:mm:ss'Z'}}"{{more}}}""";

    private static async Task AddAsync(HttpClient client, string useCase, string id, DateTimeOffset at, string type = "custom")
    {
        var answer = await client.PostJsonAsync(
            "/vision-events",
            $$"""{"eventId":"{{useCase}}-{{id}}","eventType":"{{type}}","useCaseId":"{{useCase}}","timestamp":"{{at:yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }
}
