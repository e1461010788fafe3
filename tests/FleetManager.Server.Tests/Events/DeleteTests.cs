using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Events;

public sealed class DeleteTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string Path = "/vision-events/delete";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Delete_OwnForeignAndUnknownIds_RemovesOnlyItsOwnAndNotesTheirHours(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var (useCase, key) = await UseCaseAsync(fleet);
        var (other, _) = await UseCaseAsync(fleet);
        using var client = await fleet.KeyClientAsync("vision-events:write");
        var hour = fleet.Workspace.CreatedAt.AddHours(-3);
        hour = hour.AddTicks(-(hour.Ticks % TimeSpan.TicksPerHour));
        await PostAsync(client, useCase, $"{useCase}-1", hour);
        await PostAsync(client, useCase, $"{useCase}-2", hour.AddMinutes(59));
        await PostAsync(client, useCase, $"{useCase}-3", hour.AddHours(-1));
        await PostAsync(client, useCase, $"{useCase}-stays", hour.AddHours(-2));
        await PostAsync(client, other, $"{other}-1", hour);
        await TouchedAsync(fleet, key);

        var answer = await client.PostJsonAsync(
            Path, $$"""{"useCaseId":"{{useCase}}","eventIds":["{{useCase}}-1","nowhere","{{useCase}}-2","{{other}}-1","{{useCase}}-3","{{useCase}}-1"]}""");
        var again = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","eventIds":["{{useCase}}-1"]}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal($$"""{"deleted":3,"notFound":["nowhere","{{other}}-1"]}""", answer.Text);
        Assert.Equal($$"""{"deleted":0,"notFound":["{{useCase}}-1"]}""", again.Text);
        Assert.Equal([$"{useCase}-stays"], await IdsAsync(fleet, useCase));
        Assert.Equal([$"{other}-1"], await IdsAsync(fleet, other));
        Assert.Equal([hour.AddHours(-1), hour], await TouchedAsync(fleet, key));
        await using var db = fleet.Open();
        var entry = await db.AuditEntries.SingleAsync(a => a.Action == "events.deleted" && a.Subject == useCase, Cancellation);
        Assert.StartsWith("key:", entry.Actor, StringComparison.Ordinal);
        Assert.Equal(3, (int)JsonNode.Parse(entry.Detail!)!["count"]!);
    }

    [Theory, DatabaseData]
    public async Task Delete_OfAnotherWorkspace_FindsNothing(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var (useCase, _) = await UseCaseAsync(fleet);
        using var client = await fleet.KeyClientAsync();
        await PostAsync(client, useCase, $"{useCase}-1", fleet.Workspace.CreatedAt);
        var others = await fleet.AddWorkspaceAsync($"ws-{Guid.NewGuid():n}");
        var theirs = await fleet.AddUseCaseAsync("Theirs", others);
        using var stranger = fleet.ClientFor(await fleet.MintKeyAsync(others));

        var direct = await stranger.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","eventIds":["{{useCase}}-1"]}""");
        var bent = await stranger.PostJsonAsync(Path, $$"""{"useCaseId":"{{theirs}}","eventIds":["{{useCase}}-1"]}""");

        Assert.Equal(HttpStatusCode.NotFound, direct.Status);
        Assert.Equal($$"""{"deleted":0,"notFound":["{{useCase}}-1"]}""", bent.Text);
        Assert.Equal([$"{useCase}-1"], await IdsAsync(fleet, useCase));
    }

    [Theory, DatabaseData]
    public async Task Delete_EventOutsideTheHistoryWindow_IsNotFound(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"short-{Guid.NewGuid():n}", historyDays: 14);

        var useCase = await fleet.AddUseCaseAsync("Short", workspace);
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace));
        await PostAsync(client, useCase, "old", TimeProvider.System.GetUtcNow().AddDays(-20));

        var answer = await client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","eventIds":["old"]}""");

        Assert.Equal("""{"deleted":0,"notFound":["old"]}""", answer.Text);
    }

    [Theory, DatabaseData]
    public async Task Delete_ByADeviceOrAReader_IsForbiddenAndReceiptsStay(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var (useCase, _) = await UseCaseAsync(fleet);
        var device = await fleet.AddDeviceAsync();
        using var camera = fleet.ClientFor(device.Secret);
        var epoch = Guid.NewGuid();
        var sent = await camera.PostJsonAsync(
            "/vision-events", $$"""{"eventId":"{{useCase}}-1","eventType":"custom","useCaseId":"{{useCase}}","store":{"epoch":"{{epoch}}","seq":1} }""");
        Assert.Equal(HttpStatusCode.Created, sent.Status);
        var body = $$"""{"useCaseId":"{{useCase}}","eventIds":["{{useCase}}-1"]}""";
        using var reader = await fleet.KeyClientAsync("vision-events:read");
        using var updater = await fleet.KeyClientAsync("device:update");
        using var writer = await fleet.KeyClientAsync("vision-events:write");

        foreach (var client in new[] { camera, reader, updater })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await client.PostJsonAsync(Path, body)).Status);
        }

        Assert.Equal("""{"deleted":1,"notFound":[]}""", (await writer.PostJsonAsync(Path, body)).Text);
        var receipts = await camera.GetForAnswerAsync($"/agent/v1/receipts?epoch={epoch}");
        Assert.Equal("""[{"from":1,"through":1,"count":1}]""", receipts.Json["held"]!.ToJsonString());
    }

    [Theory, DatabaseData]
    public async Task Delete_AmongOverwritesOfTheSameEvents_IsNeverRefused(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var (useCase, _) = await UseCaseAsync(fleet);
        using var client = await fleet.KeyClientAsync();
        var ids = Enumerable.Range(0, 40).Select(i => $"{useCase}-{i}").ToList();
        var delete = new JsonObject { ["useCaseId"] = useCase, ["eventIds"] = new JsonArray([.. ids.Select(id => JsonValue.Create(id))]) }.ToJsonString();
        var requests = Enumerable.Range(0, 12).SelectMany(round => new[]
        {
            client.PostJsonAsync("/vision-events/batch", new JsonObject
            {
                ["events"] = new JsonArray([.. ids.Select(id => new JsonObject { ["eventId"] = id, ["eventType"] = "custom", ["useCaseId"] = useCase, ["own"] = round })]),
            }.ToJsonString()),
            client.PostJsonAsync(Path, delete),
        });

        var answers = await Task.WhenAll(requests);
        var last = await client.PostJsonAsync(Path, delete);

        Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.Created or HttpStatusCode.OK, a.Text));
        Assert.Equal(40, (int)last.Json["deleted"]! + last.Json["notFound"]!.AsArray().Count);
        Assert.Empty(await IdsAsync(fleet, useCase));
    }

    /// <summary>SQLite has one writer, so that nothing comes between there.</summary>
    [Fact]
    public async Task Delete_EventMovedByAnotherTransactionMeanwhile_NotesTheHourThatItMovedTo()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Postgres);
        var (useCase, key) = await UseCaseAsync(fleet);
        using var client = await fleet.KeyClientAsync();
        var hour = fleet.Workspace.CreatedAt.AddHours(-5);
        hour = hour.AddTicks(-(hour.Ticks % TimeSpan.TicksPerHour));
        await PostAsync(client, useCase, $"{useCase}-1", hour);
        await TouchedAsync(fleet, key);
        await using var db = fleet.Open();
        await using var mover = await db.Database.BeginTransactionAsync(Cancellation);
        await db.Events.Where(e => e.EventId == $"{useCase}-1").ExecuteUpdateAsync(s => s.SetProperty(e => e.Timestamp, hour.AddHours(2)), Cancellation);

        var delete = client.PostJsonAsync(Path, $$"""{"useCaseId":"{{useCase}}","eventIds":["{{useCase}}-1"]}""");
        await Poll.UntilAsync(() => WaitingAsync(fleet), waiting => waiting > 0);
        await mover.CommitAsync(Cancellation);

        Assert.Equal("""{"deleted":1,"notFound":[]}""", (await delete).Text);
        Assert.Equal([hour.AddHours(2)], await TouchedAsync(fleet, key));
    }

    private static async Task<long> WaitingAsync(FleetApplication fleet)
    {
        await using var db = fleet.Open();
        return await db.Database
            .SqlQuery<long>($"SELECT count(*) AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            .SingleAsync(Cancellation);
    }

    private static async Task<(string Id, int Key)> UseCaseAsync(FleetApplication fleet)
    {
        var id = await fleet.AddUseCaseAsync($"Delete {Guid.NewGuid()}");
        return (id, (await fleet.Service<UseCaseDirectory>().ResolveAsync(fleet.Workspace.Id, id, Cancellation))!.Key);
    }

    private static async Task PostAsync(HttpClient client, string useCase, string id, DateTimeOffset at)
    {
        var answer = await client.PostJsonAsync(
            "/vision-events", $$"""{"eventId":"{{id}}","eventType":"custom","useCaseId":"{{useCase}}","timestamp":"{{at:o}}"}""");
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }

    private static async Task<IEnumerable<string>> IdsAsync(FleetApplication fleet, string useCase) =>
        (await fleet.Service<EventQueryService>().QueryAsync(fleet.Workspace.Id, new() { UseCaseId = useCase }, Cancellation)).Events.Select(e => e.EventId);

    /// <summary>Takes the notes away, so that the next look sees only new ones.</summary>
    private static async Task<List<DateTimeOffset>> TouchedAsync(FleetApplication fleet, int useCaseKey)
    {
        await using var db = fleet.Open();
        var hours = await db.TouchedHours.Where(t => t.UseCaseKey == useCaseKey).Select(t => t.Hour).Distinct().ToListAsync(Cancellation);
        await db.TouchedHours.Where(t => t.UseCaseKey == useCaseKey).ExecuteDeleteAsync(Cancellation);
        return [.. hours.Order()];
    }
}
