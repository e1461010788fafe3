using System.Net;
using FleetManager.Contracts;
using FleetManager.Data.Keys;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Images;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Keys that are no longer good, and keys that reach for what is another's: on every route, before anything of the body is believed.</summary>
public sealed class BadKeyTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, Action<ApiKey, DateTimeOffset>> Spoilt { get; } = new()
    {
        { "is disabled", (key, now) => key.DisabledAt = now },
        { "expired at", (key, now) => key.ExpiresAt = now.AddSeconds(-1) },
        { "expired at", (key, now) => key.ExpiresAt = now.AddYears(-1) },
    };

    public static TheoryData<string, string> Strange { get; } = new()
    {
        { "unknown", "xx_" + new string('a', 64) },
        { "unknown or revoked", Secret.DeviceKeyPrefix + new string('a', 64) },
        { "unknown", "x" },
        { "at most 200 characters", new string('k', 5000) },
        { "unknown", "fk_%C3%A4%00%F0%9F%98%80" },
        { "unknown", "'%20OR%201=1--" },
    };

    [Theory, DatabaseRows(nameof(Spoilt))]
    public async Task Key_ThatIsNoLongerGood_Is401OnEveryRoute(DatabaseKind kind, string reason, Action<ApiKey, DateTimeOffset> spoil)
    {
        var fleet = await fixture.OnAsync(kind);
        var secret = await fleet.MintKeyAsync();
        await using (var db = fleet.Open())
        {
            var hash = Secret.Hash(secret);
            spoil(await db.ApiKeys.SingleAsync(k => k.Hash == hash, Cancellation), TimeProvider.System.GetUtcNow());
            await db.SaveChangesAsync(Cancellation);
        }

        using var client = fleet.ClientFor(secret);
        foreach (var answer in await EveryRouteAsync(client))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        }

        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseRows(nameof(Strange))]
    public async Task Key_ThatIsNone_Is401HoweverItIsSent(DatabaseKind kind, string reason, string key)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = fleet.ClientFor();

        var answer = await client.GetForAnswerAsync($"/vision-events/use-cases?api_key={key}");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Ids_OfAnotherWorkspace_AreNotThere(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Ours");
        var camera = await fleet.AddDeviceAsync();
        var picture = Pictures.Jpeg();
        using var owner = await fleet.KeyClientAsync();
        var body = $$"""{"eventId":"ours","eventType":"custom","useCaseId":"{{useCase}}"}""";
        Assert.Equal(HttpStatusCode.Created, (await owner.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture))).Status);
        Assert.Equal(HttpStatusCode.Created, (await owner.PostJsonAsync("/vision-events", body)).Status);
        using var stranger = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync("others")));

        var table = new (Task<Answer> Answer, HttpStatusCode Status)[]
        {
            (stranger.PutJsonAsync($"/vision-events/use-cases/{useCase}", """{"name":"mine"}"""), HttpStatusCode.NotFound),
            (stranger.PostForAnswerAsync($"/vision-events/use-cases/{useCase}/archive", null), HttpStatusCode.NotFound),
            (stranger.PostForAnswerAsync($"/vision-events/use-cases/{useCase}/unarchive", null), HttpStatusCode.NotFound),
            (stranger.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{useCase}}"}"""), HttpStatusCode.NotFound),
            (stranger.GetForAnswerAsync($"/vision-events/images/{Pictures.SourceIdOf(picture)}"), HttpStatusCode.NotFound),
            (stranger.GetForAnswerAsync($"/{fleet.Workspace.Slug}"), HttpStatusCode.NotFound),
            (stranger.GetForAnswerAsync($"/api/v1/devices/{camera.Id}"), HttpStatusCode.NotFound),
            (stranger.GetForAnswerAsync($"/api/v1/devices/{camera.Id}/settings"), HttpStatusCode.NotFound),
            (stranger.PostForAnswerAsync($"/api/v1/devices/{camera.Id}/revoke", null), HttpStatusCode.NotFound),
            (stranger.GetForAnswerAsync($"/api/v1/use-cases/{useCase}/facets"), HttpStatusCode.NotFound),
            (stranger.GetForAnswerAsync($"/others/devices/v2/{camera.Id}"), HttpStatusCode.NotFound),
            (stranger.GetForAnswerAsync($"/{fleet.Workspace.Slug}/devices/v2/{camera.Id}/config"), HttpStatusCode.NotFound),
            // The contract has a use case that is not there refused with the event, not missed.
            (stranger.PostJsonAsync("/vision-events", body), HttpStatusCode.BadRequest),
            (stranger.PostJsonAsync("/vision-events/batch", $$"""{"events":[{{body}}]}"""), HttpStatusCode.BadRequest),
        };
        foreach (var (answer, status) in table)
        {
            Assert.Equal(status, (await answer).Status);
            Assert.NotEmpty((await answer).Error);
        }

        await using var db = fleet.Open();
        Assert.Equal(fleet.Workspace.Id, (await db.Events.SingleAsync(Cancellation)).WorkspaceId);
        var kept = await db.UseCases.SingleAsync(Cancellation);
        Assert.Equal(("Ours", null), (kept.Name, kept.ArchivedAt));
        Assert.Null((await db.Devices.SingleAsync(Cancellation)).RevokedAt);
    }

    private static async Task<IReadOnlyList<Answer>> EveryRouteAsync(HttpClient client) =>
    [
        await client.PostForAnswerAsync("/", null),
        await client.GetForAnswerAsync("/default"),
        await client.PostJsonAsync("/vision-events", "{"),
        await client.PostJsonAsync("/vision-events/batch", "{"),
        await client.PostJsonAsync("/vision-events/query", "{"),
        await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(Pictures.Jpeg())),
        await client.PostForAnswerAsync("/vision-events/bundle", new ByteArrayContent([1])),
        await client.GetForAnswerAsync("/vision-events/use-cases"),
        await client.PostJsonAsync("/vision-events/use-cases", "{"),
        await client.PutJsonAsync("/vision-events/use-cases/x", "{"),
        await client.PostForAnswerAsync("/vision-events/use-cases/x/archive", null),
        await client.PostForAnswerAsync("/vision-events/use-cases/x/unarchive", null),
        await client.GetForAnswerAsync("/vision-events/images/x"),
        await client.GetForAnswerAsync("/api/v1/devices"),
        await client.PostJsonAsync("/api/v1/enrollment-tokens", "{"),
        await client.GetForAnswerAsync("/agent/v1/receipts"),
        await client.PostJsonAsync("/agent/v1/losses", "{"),
        await client.PostJsonAsync("/agent/v1/report", "{"),
        await client.PostJsonAsync("/agent/v1/logs", "{"),
        await client.GetForAnswerAsync("/api/v1/workspace"),
        await client.GetForAnswerAsync("/api/v1/api-keys"),
        await client.PostJsonAsync("/api/v1/api-keys", "{"),
        await client.GetForAnswerAsync("/api/v1/use-cases/x/histogram"),
        await client.GetForAnswerAsync("/default/devices/v2"),
        await client.PostJsonAsync("/default/devices/v2", "{"),
        await client.GetForAnswerAsync("/default/devices/v2/x"),
        await client.GetForAnswerAsync("/default/devices/v2/x/config"),
    ];
}
