using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Workspaces;

public sealed class WorkspaceApiTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string Path = "/api/v1/workspace";

    [Theory, DatabaseData]
    public async Task Patch_HistoryDays_IsAuditedOnceAndAnswered(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"w-{Guid.NewGuid():n}");
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace, Scopes.WorkspaceUpdate));

        await PatchAsync(client, """{"historyDays":30}""");
        await PatchAsync(client, """{"historyDays":30}""");
        var settings = await client.GetForAnswerAsync(Path);

        Assert.Equal($$"""{"slug":"{{workspace.Slug}}","name":"{{workspace.Name}}","historyDays":30}""", settings.Text);
        await using var db = fleet.Open();
        var entry = await db.AuditEntries.SingleAsync(
            a => a.WorkspaceId == workspace.Id && a.Action.StartsWith("workspace."), TestContext.Current.CancellationToken);
        Assert.Equal(("workspace.history_changed", workspace.Slug), (entry.Action, entry.Subject));
        Assert.StartsWith("key:", entry.Actor, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"from":400,"to":30}"""), JsonNode.Parse(entry.Detail!)), entry.Detail);
    }

    [Theory, DatabaseData]
    public async Task BadRequests_OfBothRoutes_AreRefusedAndChangeNothing(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync(Scopes.WorkspaceUpdate, Scopes.VisionEventsRead);
        using var reader = await fleet.KeyClientAsync(Scopes.VisionEventsRead);
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);

        foreach (var body in new[] { "{}", """{"historyDays":0}""", """{"historyDays":3651}""", """{"historyDays":1.5}""", """{"historyDays":"30"x}""", "[]", "null", "" })
        {
            var answer = await PatchAsync(client, body);
            Assert.Equal((body, HttpStatusCode.BadRequest), (body, answer.Status));
            Assert.NotEmpty(answer.Error);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await PatchAsync(reader, """{"historyDays":1}""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PatchAsync(device, """{"historyDays":1}""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await device.GetForAnswerAsync(Path)).Status);
        Assert.Equal(400, (int)(await reader.GetForAnswerAsync(Path)).Json["historyDays"]!);
    }

    private static Task<Answer> PatchAsync(HttpClient client, string body) =>
        client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Patch, Path) { Content = new StringContent(body) });
}
