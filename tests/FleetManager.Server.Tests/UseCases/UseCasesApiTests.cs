using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.UseCases;

public sealed class UseCasesApiTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string Path = "/vision-events/use-cases";

    [Theory, DatabaseData]
    public async Task Lifecycle_CreateRenameArchiveUnarchive_AnswersAsTheReferenceDoes(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var name = $"Welding {Guid.NewGuid()}";

        var created = await client.PostJsonAsync(Path, new JsonObject { ["name"] = name }.ToJsonString());
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal(["id", "name"], created.Json.AsObject().Select(p => p.Key));
        var id = (string)created.Json["id"]!;
        Assert.Matches("^welding-[0-9a-f-]+$", id);

        var renamed = await client.PutJsonAsync($"{Path}/{id}", new JsonObject { ["name"] = name + " 2" }.ToJsonString());
        Assert.Equal((HttpStatusCode.OK, id, name + " 2"), (renamed.Status, (string)renamed.Json["id"]!, (string)renamed.Json["name"]!));

        // Repeats are safe; the body is empty, as the SDK sends it.
        for (var i = 0; i < 2; i++)
        {
            var archived = await client.PostForAnswerAsync($"{Path}/{id}/archive", null);
            Assert.Equal((HttpStatusCode.OK, """{"success":true}"""), (archived.Status, archived.Text));
        }

        Assert.DoesNotContain(id, await IdsAsync(client, Path));
        Assert.Contains(id, await IdsAsync(client, $"{Path}?status=inactive"));
        for (var i = 0; i < 2; i++)
        {
            var active = await client.PostForAnswerAsync($"{Path}/{id}/unarchive", null);
            Assert.Equal((HttpStatusCode.OK, """{"success":true}"""), (active.Status, active.Text));
        }

        Assert.Contains(id, await IdsAsync(client, $"{Path}?status=active"));
    }

    [Theory, DatabaseData]
    public async Task List_OfUseCaseWithEvents_CarriesCountsAndLookback(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var (full, empty) = (await fleet.AddUseCaseAsync($"Full {Guid.NewGuid()}"), await fleet.AddUseCaseAsync($"Empty {Guid.NewGuid()}"));
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (type, age) in new[] { ("custom", 2), ("custom", 1), ("safety_alert", 3) })
        {
            await client.PostJsonAsync(
                "/vision-events", $$"""{"eventType":"{{type}}","useCaseId":"{{full}}","timestamp":"{{now.AddHours(-age):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""");
        }

        var list = (await client.GetForAnswerAsync(Path)).Json;

        Assert.Equal(400, (int)list["lookbackDays"]!);
        var found = list["useCases"]!.AsArray().ToDictionary(u => (string)u!["id"]!, u => u!);
        Assert.Equal("active", (string)found[full]["status"]!);
        Assert.Equal(3, (long)found[full]["eventCount"]!);
        Assert.Equal($"{now.AddHours(-1):yyyy-MM-dd'T'HH:mm:ss}+00:00", $"{(DateTimeOffset)found[full]["lastEventTimestamp"]!:yyyy-MM-dd'T'HH:mm:sszzz}");
        Assert.Equal(["custom", "safety_alert"], found[full]["eventTypes"]!.AsArray().Select(t => (string)t!));
        Assert.Equal((0, null), ((long)found[empty]["eventCount"]!, (string?)found[empty]["lastEventTimestamp"]));
    }

    [Theory, DatabaseData]
    public async Task BadRequests_OfEachRoute_AreRefusedWithTheReason(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var name = $"Taken {Guid.NewGuid()}";
        var (_, other) = (await fleet.AddUseCaseAsync(name), await fleet.AddUseCaseAsync($"Other {Guid.NewGuid()}"));
        var body = new JsonObject { ["name"] = name.ToUpperInvariant() }.ToJsonString();
        var foreign = await fleet.AddUseCaseAsync("Theirs", await fleet.AddWorkspaceAsync($"ws-{Guid.NewGuid():n}"));

        var table = new (Task<Answer> Answer, HttpStatusCode Status, string Reason)[]
        {
            (client.PostJsonAsync(Path, body), HttpStatusCode.Conflict, "choose another name"),
            (client.PutJsonAsync($"{Path}/{other}", body), HttpStatusCode.Conflict, "choose another name"),
            (client.PostJsonAsync(Path, "{}"), HttpStatusCode.BadRequest, "is missing"),
            (client.PostJsonAsync(Path, """{"name":" "}"""), HttpStatusCode.BadRequest, "is missing"),
            (client.PostJsonAsync(Path, """{"name":5}"""), HttpStatusCode.BadRequest, "name: must be a string"),
            (client.PostJsonAsync(Path, """{"name":"a\u0000"}"""), HttpStatusCode.BadRequest, "NUL"),
            (client.PostJsonAsync(Path, $$"""{"name":"{{new string('x', 257)}}"}"""), HttpStatusCode.BadRequest, "at most 256"),
            (client.PostJsonAsync(Path, "{"), HttpStatusCode.BadRequest, "not valid JSON, line 1"),
            (client.PostJsonAsync(Path, "[]"), HttpStatusCode.BadRequest, "must be a JSON object"),
            (client.PostForAnswerAsync(Path, null), HttpStatusCode.BadRequest, "not valid JSON"),
            (client.GetForAnswerAsync($"{Path}?status=all"), HttpStatusCode.BadRequest, "active or inactive"),
            (client.PutJsonAsync($"{Path}/nowhere", """{"name":"x"}"""), HttpStatusCode.NotFound, "'nowhere'"),
            (client.PostForAnswerAsync($"{Path}/{foreign}/archive", null), HttpStatusCode.NotFound, foreign),
            (client.PostForAnswerAsync($"{Path}/{foreign}/unarchive", null), HttpStatusCode.NotFound, foreign),
        };

        foreach (var (answer, status, reason) in table)
        {
            Assert.Equal((status, true), ((await answer).Status, (await answer).Error.Contains(reason, StringComparison.Ordinal)));
        }
    }

    private static async Task<IEnumerable<string>> IdsAsync(HttpClient client, string path) =>
        (await client.GetForAnswerAsync(path)).Json["useCases"]!.AsArray().Select(u => (string)u!["id"]!);
}
