using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Keys;

/// <summary>Keys managed by keys: what is made works, what is ended ends at once, and nobody gets more than they have.</summary>
public sealed class ApiKeysApiTests(FleetFixture fleets) : IClassFixture<FleetFixture>
{
    private const string Path = "/api/v1/api-keys";
    private const string Probe = "/vision-events/use-cases";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Create_ScopesInAnySpelling_KeyWorksWithinThemAndItsSecretIsGone(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();

        var made = await admin.PostJsonAsync(Path, """{"name":" line 1 ","scopes":["visionEvents.read"],"expiresAt":"2999-01-01T02:00:00+02:00"}""");

        Assert.Equal(HttpStatusCode.Created, made.Status);
        var secret = (string)made.Json["secret"]!;
        Assert.Matches("^fk_[0-9a-f]{64}$", secret);
        using var client = fleet.ClientFor(secret);
        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync(Probe)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostJsonAsync("/vision-events", "{}")).Status);
        var one = await admin.GetForAnswerAsync($"{Path}/{made.Json["key"]!["id"]}");
        Assert.Equal("line 1", (string)one.Json["name"]!);
        Assert.Equal(secret[..9], (string)one.Json["prefix"]!);
        Assert.Equal(["vision-events:read"], one.Json["scopes"]!.AsArray().Select(s => (string)s!));
        Assert.Equal("active", (string)one.Json["status"]!);
        Assert.Equal("2999-01-01T00:00:00+00:00", (string)one.Json["expiresAt"]!);
        Assert.NotNull(one.Json["lastUsedAt"]);
        var list = await admin.GetForAnswerAsync(Path);
        Assert.Contains(list.Json["keys"]!.AsArray(), k => (string)k!["name"]! == "line 1");
        Assert.DoesNotContain(secret[9..], one.Text + list.Text, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Change_DisabledAndEnabledAndRenamed_FollowsAtOnceAndIsAudited(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();
        var (id, secret) = await MakeAsync(admin);
        using var client = fleet.ClientFor(secret);
        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync(Probe)).Status);

        var disabled = await PatchAsync(admin, id, """{"disabled":true}""");
        var refused = await client.GetForAnswerAsync(Probe);
        var enabled = await PatchAsync(admin, id, """{"disabled":false,"name":"renamed","expiresAt":"2999-01-01T00:00:00Z"}""");
        var kept = await PatchAsync(admin, id, """{"name":"renamed again"}""");
        var endless = await PatchAsync(admin, id, """{"expiresAt":null}""");

        Assert.Equal("disabled", (string)disabled.Json["status"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains($"{secret[..9]}… is disabled", refused.Error, StringComparison.Ordinal);
        Assert.Equal("active", (string)enabled.Json["status"]!);
        Assert.StartsWith("2999", (string)kept.Json["expiresAt"]!, StringComparison.Ordinal);
        Assert.Null(endless.Json["expiresAt"]);
        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync(Probe)).Status);
        Assert.Equal(["api_key.created", "api_key.disabled", "api_key.enabled", "api_key.changed", "api_key.changed"], await AuditAsync(fleet, id));
    }

    [Theory, DatabaseData]
    public async Task Roll_WithoutOverlap_OldSecretEndsAndNewOneWorks(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();
        var (id, old) = await MakeAsync(admin);
        using var before = fleet.ClientFor(old);
        Assert.Equal(HttpStatusCode.OK, (await before.GetForAnswerAsync(Probe)).Status);

        var rolled = await admin.PostForAnswerAsync($"{Path}/{id}/roll", null);

        using var after = fleet.ClientFor((string)rolled.Json["secret"]!);
        Assert.Equal(HttpStatusCode.OK, (await after.GetForAnswerAsync(Probe)).Status);
        var refused = await before.GetForAnswerAsync(Probe);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains("was rolled", refused.Error, StringComparison.Ordinal);
        Assert.Null(rolled.Json["key"]!["oldSecretUntil"]);
        Assert.Equal(["api_key.created", "api_key.rolled"], await AuditAsync(fleet, id));
    }

    [Theory, DatabaseData]
    public async Task Roll_WithOverlap_BothSecretsWorkUntilTheNextRoll(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();
        var (id, first) = await MakeAsync(admin);

        var second = await admin.PostJsonAsync($"{Path}/{id}/roll", """{"overlapSeconds":3600}""");
        Assert.NotNull(second.Json["key"]!["oldSecretUntil"]);
        foreach (var secret in new[] { first, (string)second.Json["secret"]! })
        {
            using var client = fleet.ClientFor(secret);
            Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync(Probe)).Status);
        }

        await admin.PostJsonAsync($"{Path}/{id}/roll", """{"overlapSeconds":3600}""");
        using var oldest = fleet.ClientFor(first);
        Assert.Equal(HttpStatusCode.Unauthorized, (await oldest.GetForAnswerAsync(Probe)).Status);
    }

    [Theory, DatabaseData]
    public async Task Roll_ManyAtOnce_EachIsInItsTurnAndOnlyOneSecretIsLeft(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();
        var (id, _) = await MakeAsync(admin);

        var rolled = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => admin.PostForAnswerAsync($"{Path}/{id}/roll", null)));

        Assert.All(rolled, r => Assert.Equal(HttpStatusCode.OK, r.Status));
        var alive = 0;
        foreach (var secret in rolled.Select(r => (string)r.Json["secret"]!))
        {
            using var client = fleet.ClientFor(secret);
            alive += (await client.GetForAnswerAsync(Probe)).Status == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal(1, alive);
        Assert.Equal(8, (await AuditAsync(fleet, id)).Count(a => a == "api_key.rolled"));
    }

    [Theory, DatabaseData]
    public async Task Delete_Key_EndsAtOnceAndIsNotThereAnyMore(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();
        var (id, secret) = await MakeAsync(admin);
        using var client = fleet.ClientFor(secret);
        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync(Probe)).Status);

        var deleted = await admin.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Delete, $"{Path}/{id}"));

        Assert.Equal(HttpStatusCode.NoContent, deleted.Status);
        var refused = await client.GetForAnswerAsync(Probe);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Contains("unknown", refused.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetForAnswerAsync($"{Path}/{id}")).Status);
        Assert.Equal(["api_key.created", "api_key.deleted"], await AuditAsync(fleet, id));
    }

    [Theory, DatabaseData]
    public async Task Manage_KeyThatMayDoMore_RefusedByScope(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();
        using var manager = await fleet.KeyClientAsync("api-keys:manage", "vision-events:read");
        var (everything, _) = await MakeAsync(admin, "null");
        var (writer, _) = await MakeAsync(admin, """["vision-events:write"]""");
        var (reader, _) = await MakeAsync(admin);

        var table = new (Task<Answer> Answer, string Lacks)[]
        {
            (manager.PostJsonAsync(Path, """{"name":"x"}"""), "every scope"),
            (manager.PostJsonAsync(Path, """{"name":"x","scopes":["vision-events:read","device.update"]}"""), "device:update"),
            (manager.PostForAnswerAsync($"{Path}/{everything}/roll", null), "every scope"),
            (manager.PostForAnswerAsync($"{Path}/{writer}/roll", null), "vision-events:write"),
            (PatchAsync(manager, writer, """{"disabled":false}"""), "vision-events:write"),
            (manager.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Delete, $"{Path}/{writer}")), "vision-events:write"),
        };
        foreach (var (answer, lacks) in table)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await answer).Status);
            Assert.Contains(lacks, (await answer).Error, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await manager.PostForAnswerAsync($"{Path}/{reader}/roll", null)).Status);
        Assert.Equal(HttpStatusCode.Created, (await manager.PostJsonAsync(Path, """{"name":"x","scopes":["visionEvents.read"]}""")).Status);
    }

    [Theory, DatabaseData]
    public async Task Manage_OtherCallers_SeeAndChangeNothing(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var admin = await fleet.KeyClientAsync();
        var (id, _) = await MakeAsync(admin);
        using var reader = await fleet.KeyClientAsync("vision-events:read");
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        using var stranger = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync("others-" + kind.ToString().ToLowerInvariant())));

        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetForAnswerAsync(Path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await device.PostJsonAsync(Path, """{"name":"x"}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetForAnswerAsync($"{Path}/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostForAnswerAsync($"{Path}/{id}/roll", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PatchAsync(stranger, id, """{"disabled":true}""")).Status);
    }

    public static TheoryData<string, string> BadKeys => new()
    {
        { """{"name":"x","scopes":["vision-events:fly"]}""", "There is no scope 'vision-events:fly': the scopes are vision-events:read, vision-events:write, device:read, device:update, mqtt:read, api-keys:manage" },
        { """{"name":"x","scopes":[]}""", "scopes names no scope" },
        { """{"name":"x","scopes":[null]}""", "There is no scope ''" },
        { """{"name":"x","scopes":"device:read"}""", "scopes: must be an array" },
        { """{"name":"  "}""", "name must have 1 to 100 characters" },
        { """{}""", "name must have" },
        { """{"name":"a\u0000b"}""", "control characters" },
        { """{"name":"\ud800"}""", "surrogate" },
        { """{"name":"x","expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt must lie in the future" },
        { """{"name":"x","expiresAt":"soon"}""", "expiresAt: must be an ISO 8601 time" },
        { """{"name":"x","expires":"2999-01-01T00:00:00Z"}""", "expires: is no field here; the fields are name, scopes, expiresAt." },
        { """null""", "must be a JSON object" },
        { """{"name":""", "not valid JSON, line 1, position 9" },
    };

    [Theory, MemberData(nameof(BadKeys))]
    public async Task Create_BadInput_400NamesIt(string body, string named)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var admin = await fleet.KeyClientAsync();

        var answer = await admin.PostJsonAsync(Path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(named, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"overlapSeconds":-1}""")]
    [InlineData("""{"overlapSeconds":2592001}""")]
    [InlineData("""{"overlapSeconds":9223372036854775807}""")]
    public async Task Roll_OverlapOutOfRange_400(string body)
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var admin = await fleet.KeyClientAsync();
        var (id, secret) = await MakeAsync(admin);

        var answer = await admin.PostJsonAsync($"{Path}/{id}/roll", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("30 days", answer.Error, StringComparison.Ordinal);
        using var client = fleet.ClientFor(secret);
        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync(Probe)).Status);
    }

    private static async Task<(int Id, string Secret)> MakeAsync(HttpClient admin, string scopes = """["vision-events:read"]""")
    {
        var made = await admin.PostJsonAsync(Path, $$"""{"name":"made","scopes":{{scopes}}}""");
        return ((int)made.Json["key"]!["id"]!, (string)made.Json["secret"]!);
    }

    private static Task<Answer> PatchAsync(HttpClient client, int id, string json) =>
        client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Patch, $"{Path}/{id}") { Content = new StringContent(json) });

    private static async Task<List<string>> AuditAsync(FleetApplication fleet, int id)
    {
        await using var db = fleet.Open();
        var subject = id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var entries = await db.AuditEntries.Where(a => a.Subject == subject && a.Action.StartsWith("api_key.")).OrderBy(a => a.Key).ToListAsync(Cancellation);
        Assert.All(entries, e => Assert.StartsWith("key:fk_", e.Actor, StringComparison.Ordinal));
        Assert.All(entries, e => Assert.DoesNotMatch("fk_[0-9a-f]{7}", e.Detail ?? ""));
        Assert.All(entries, e => Assert.NotNull(JsonNode.Parse(e.Detail!)!["name"]));
        return [.. entries.Select(e => e.Action)];
    }
}
