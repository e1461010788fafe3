using System.Net;
using System.Text.RegularExpressions;
using FleetManager.Contracts;
using FleetManager.Data.Keys;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Tests.Images;
using FleetManager.Server.Tests.OpenApi;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Keys that are no longer good, and keys that reach for what is another's: on every route, before anything of the body is believed.</summary>
public sealed partial class BadKeyTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, Action<ApiKey, DateTimeOffset>> Spoilt { get; } = new()
    {
        { "is disabled", (key, now) => key.DisabledAt = now },
        { "expired at", (key, now) => key.ExpiresAt = now.AddSeconds(-1) },
        { "expired at", (key, now) => key.ExpiresAt = now.AddYears(-1) },
    };

    public static TheoryData<string, string?> Unusable { get; } = new()
    {
        { "No API key: send it as", null },
        { "unknown", "fk_" + new string('a', 64) },
        { "unknown or revoked", Secret.DeviceKeyPrefix + new string('a', 64) },
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

        AssertAll401(await EveryRouteAsync(fleet, secret), reason);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseRows(nameof(Unusable))]
    public async Task Key_ThatIsMissingOrWrong_Is401OnEveryRoute(DatabaseKind kind, string reason, string? secret)
    {
        var fleet = await fixture.OnAsync(kind);

        AssertAll401(await EveryRouteAsync(fleet, secret), reason);
        await Leftovers.AssertNoneAsync(fleet);
    }

    /// <summary>The device routes say it in the reference's own way (vision-events.md 2).</summary>
    [Theory, DatabaseData]
    public async Task Key_WithoutTheScope_IsRefusedOnEveryRoute(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var secret = await fleet.MintKeyAsync(Scopes.MqttRead);

        foreach (var (route, answer) in (await EveryRouteAsync(fleet, secret)).Where(r => r.Route.Need is not { Kind: not KeyKind.Device, Scopes.Count: 0 }))
        {
            if (route.Name.Contains("/devices/v2", StringComparison.Ordinal))
            {
                Assert.Equal((route.Name, HttpStatusCode.NotFound), (route.Name, answer.Status));
                Assert.Equal("GraphMethodException", (string)answer.Json["error"]!["type"]!);
            }
            else
            {
                Assert.Equal((route.Name, HttpStatusCode.Forbidden), (route.Name, answer.Status));
                Assert.Equal("Insufficient permissions for this resource.", answer.Error);
            }
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

    private static void AssertAll401(IEnumerable<(ApiDocument.Route Route, Answer Answer)> answers, string reason)
    {
        foreach (var (route, answer) in answers)
        {
            Assert.Equal((route.Name, HttpStatusCode.Unauthorized), (route.Name, answer.Status));
            Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Asks every route that takes a key, as the server itself names them, so that none is forgotten; bodies are broken, which nobody must come to see.</summary>
    private static async Task<IReadOnlyList<(ApiDocument.Route Route, Answer Answer)>> EveryRouteAsync(FleetApplication fleet, string? secret)
    {
        using var client = fleet.ClientFor(secret);
        var answers = new List<(ApiDocument.Route, Answer)>();
        foreach (var route in (await ApiDocument.ReadAsync(fleet)).Routes.Where(r => r.Need is not null))
        {
            var (method, path) = (route.Name.Split(' ')[0], Parameter().Replace(route.Name.Split(' ')[1], p => p.Value == "{workspace}" ? fleet.Workspace.Slug : "1"));
            var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "GET" ? null : new StringContent("{") };
            answers.Add((route, await client.SendForAnswerAsync(request)));
        }

        Assert.True(answers.Count > 40, $"Only {answers.Count} routes were found.");
        return answers;
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}
