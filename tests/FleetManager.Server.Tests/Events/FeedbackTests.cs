using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Events;

public sealed class FeedbackTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Verdicts_OfSeveralReviewersAndOfAKey_AreAllKept(DatabaseKind kind)
    {
        var (fleet, useCase, client) = await ReadyAsync(kind);

        Assert.Null(await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Correct, " looks fine "));
        Assert.Null(await GiveAsync(fleet, "bob@acme", useCase, Verdicts.Incorrect, null));
        await PostAsync(client, useCase, $$""" "eventId":"{{useCase}}-key","eventData":{"relatedEventId":"{{useCase}}-e","feedback":"inconclusive"},"comment":"by key" """);
        Assert.Null(await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Inconclusive, ""));

        var given = await fleet.Service<FeedbackService>().ListAsync(fleet.Workspace.Id, $"{useCase}-e", Cancellation);
        Assert.Equal(
            [(null, Verdicts.Inconclusive, "by key"), ("ann@acme", Verdicts.Inconclusive, null), ("bob@acme", Verdicts.Incorrect, null)],
            given.Select(f => (f.Reviewer, f.Verdict, f.Comment)).OrderBy(f => f.Reviewer, StringComparer.Ordinal));
        Assert.Equal(4, await CountAsync(client, useCase, "{}"));
        Assert.Equal(1, await CountAsync(client, useCase, """{"feedbackStatus":["incorrect"]}"""));
        Assert.Equal(0, await CountAsync(client, useCase, """{"feedbackStatus":["correct"]}"""));
        await using var db = fleet.Open();
        Assert.Equal(2, await db.AuditEntries.CountAsync(a => a.Action == "feedback.given" && a.Subject == $"{useCase}-e" && a.Actor == "ann@acme", Cancellation));
    }

    [Theory, DatabaseData]
    public async Task Verdict_OverwrittenByAKey_LosesTheReviewersName(DatabaseKind kind)
    {
        var (fleet, useCase, client) = await ReadyAsync(kind);
        await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Correct, null);
        var page = await client.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{useCase}}","eventType":"operator_feedback"}""");
        var stored = page.Json["events"]![0]!;

        // Word for word what the console stored, and a name besides.
        var copy = new JsonObject
        {
            ["eventId"] = (string)stored["eventId"]!,
            ["eventType"] = "operator_feedback",
            ["useCaseId"] = useCase,
            ["eventData"] = new JsonObject { ["relatedEventId"] = $"{useCase}-e", ["feedback"] = "correct" },
            ["comment"] = null,
        };
        await PostBodyAsync(client, copy);
        Assert.Equal([null], await ReviewersAsync(fleet, useCase));

        await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Correct, null);
        Assert.Equal(["ann@acme"], await ReviewersAsync(fleet, useCase));
        copy["reviewer"] = "ann@acme";
        await PostBodyAsync(client, copy);
        Assert.Equal([null], await ReviewersAsync(fleet, useCase));
    }

    [Theory, DatabaseData]
    public async Task Verdict_ThatCanNotBeStored_SaysWhy(DatabaseKind kind)
    {
        var (fleet, useCase, client) = await ReadyAsync(kind);

        Assert.Contains("not there", await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Correct, null, "nowhere"), StringComparison.Ordinal);
        Assert.Contains("comment: has at most", await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Correct, new string('x', 10_001)), StringComparison.Ordinal);
        Assert.Contains("comment: holds the character NUL", await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Correct, "a\0b"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => GiveAsync(fleet, "eve@acme", useCase, Verdicts.Correct, null, role: Roles.Viewer));
        await client.PostForAnswerAsync($"/vision-events/use-cases/{useCase}/archive", null);
        Assert.Contains("archived", await GiveAsync(fleet, "ann@acme", useCase, Verdicts.Correct, null), StringComparison.Ordinal);
        Assert.Empty(await ReviewersAsync(fleet, useCase));
    }

    private async Task<(FleetApplication Fleet, string UseCase, HttpClient Client)> ReadyAsync(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Feedback {Guid.NewGuid()}");
        var client = await fleet.KeyClientAsync();
        await PostBodyAsync(client, new JsonObject { ["eventId"] = $"{useCase}-e", ["eventType"] = "custom", ["useCaseId"] = useCase });
        return (fleet, useCase, client);
    }

    private static Task<string?> GiveAsync(
        FleetApplication fleet, string email, string useCase, string verdict, string? comment, string? eventId = null, string role = Roles.Owner) =>
        fleet.Service<FeedbackService>().GiveAsync(
            new WorkspaceScope { Id = fleet.Workspace.Id, Slug = fleet.Workspace.Slug, Name = "w", Role = role, Email = email },
            useCase,
            eventId ?? $"{useCase}-e",
            verdict,
            comment,
            Cancellation);

    private static async Task<IEnumerable<string?>> ReviewersAsync(FleetApplication fleet, string useCase) =>
        (await fleet.Service<FeedbackService>().ListAsync(fleet.Workspace.Id, $"{useCase}-e", Cancellation)).Select(f => f.Reviewer);

    private static async Task<int> CountAsync(HttpClient client, string useCase, string filter)
    {
        var body = JsonNode.Parse(filter)!;
        body["useCaseId"] = useCase;
        return (int)(await client.PostJsonAsync("/vision-events/count", body.ToJsonString())).Json["count"]!;
    }

    private static Task PostAsync(HttpClient client, string useCase, string members) =>
        PostBodyAsync(client, JsonNode.Parse($$"""{"eventType":"operator_feedback","useCaseId":"{{useCase}}",{{members}}}""")!);

    private static async Task PostBodyAsync(HttpClient client, JsonNode body)
    {
        var answer = await client.PostJsonAsync("/vision-events", body.ToJsonString());
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }
}
