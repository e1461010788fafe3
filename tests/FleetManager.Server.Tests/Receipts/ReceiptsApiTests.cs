using System.Net;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Receipts;

public sealed class ReceiptsApiTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Losses_DeclaredTwiceAndOverlapping_AreWrittenOnceWithTheFirstReason(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var camera = await fleet.AddDeviceAsync();
        using var device = fleet.ClientFor(camera.Secret);
        var epoch = Guid.NewGuid();
        await SendAsync(fleet, device, epoch, 1, 2, 3, 7);
        var report = $$"""{"epoch":"{{epoch}}","losses":[{{Loss(3, 5, "store_full")}},{{Loss(5, 6, "operator")}}]}""";

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(HttpStatusCode.NoContent, (await device.PostJsonAsync("/agent/v1/losses", report)).Status);
        }

        var receipts = await device.GetForAnswerAsync($"/agent/v1/receipts?epoch={epoch}");
        Assert.Equal(HttpStatusCode.OK, receipts.Status);
        Assert.Equal("""[{"from":1,"through":3,"count":3},{"from":7,"through":7,"count":1}]""", receipts.Json["held"]!.ToJsonString());
        Assert.Equal("""[{"from":4,"through":6,"count":3}]""", receipts.Json["declaredLost"]!.ToJsonString());
        var proof = Assert.Single(await fleet.Service<ReceiptService>().ProofAsync(fleet.Workspace.Id, camera.Id.Value, Cancellation));
        Assert.Equal(["4-5 store_full", "6-6 operator"], proof.Declared.Select(l => $"{l.From}-{l.Through} {l.Reason}"));
        Assert.Equal((4, 3, 7), (proof.HeldCount, proof.LostCount, proof.LastKnown));
        Assert.Equal(["8-10"], proof.UnknownUpTo(10).Select(r => $"{r.From}-{r.Through}"));
        Assert.Empty(proof.UnknownUpTo(7));
        Assert.Empty(proof.UnknownUpTo(0));

        using var reader = await fleet.KeyClientAsync("device:read");
        var document = await reader.GetForAnswerAsync($"/api/v1/devices/{camera.Id}/proof");
        var store = Assert.Single(document.Json["stores"]!.AsArray())!;
        Assert.Equal((epoch.ToString(), 7, 2, 0), ((string)store["epoch"]!, (int)store["lastSeq"]!, store["held"]!.AsArray().Count, store["notAccountedFor"]!.AsArray().Count));
        Assert.Equal(HttpStatusCode.NotFound, (await reader.GetForAnswerAsync("/api/v1/devices/dev-nobody/proof")).Status);
    }

    [Theory, DatabaseData]
    public async Task LostNumber_ThatArrivesAfterAll_IsHeldAndNoLongerLost(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        var epoch = Guid.NewGuid();
        await device.PostJsonAsync("/agent/v1/losses", $$"""{"epoch":"{{epoch}}","losses":[{{Loss(1, 3, "damaged")}}]}""");

        await SendAsync(fleet, device, epoch, 2);

        var receipts = await device.GetForAnswerAsync($"/agent/v1/receipts?epoch={epoch}");
        Assert.Equal("""[{"from":2,"through":2,"count":1}]""", receipts.Json["held"]!.ToJsonString());
        Assert.Equal("""[{"from":1,"through":1,"count":1},{"from":3,"through":3,"count":1}]""", receipts.Json["declaredLost"]!.ToJsonString());
    }

    [Theory, DatabaseData]
    public async Task Reports_ManyAtOnce_LoseNothing(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        var epoch = Guid.NewGuid();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => device.PostJsonAsync(
            "/agent/v1/losses", $$"""{"epoch":"{{epoch}}","losses":[{{Loss(1 + i, 10 + i, "expired")}}]}""")));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.NoContent, a.Status));
        var receipts = await device.GetForAnswerAsync($"/agent/v1/receipts?epoch={epoch}");
        Assert.Equal("""[{"from":1,"through":21,"count":21}]""", receipts.Json["declaredLost"]!.ToJsonString());
    }

    [Theory, DatabaseData]
    public async Task Store_OfAnotherDevice_IsNotShown(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var one = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        using var two = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        var epoch = Guid.NewGuid();
        await SendAsync(fleet, one, epoch, 1);

        var receipts = await two.GetForAnswerAsync($"/agent/v1/receipts?epoch={epoch}");

        Assert.Equal((HttpStatusCode.OK, "[]"), (receipts.Status, receipts.Json["held"]!.ToJsonString()));
    }

    [Fact]
    public async Task BadRequests_OfBothRoutes_AreRefusedWithTheReason()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        using var key = await fleet.KeyClientAsync();
        var epoch = Guid.NewGuid();
        Task<Answer> DeclareAsync(string losses) => device.PostJsonAsync("/agent/v1/losses", $$"""{"epoch":"{{epoch}}","losses":{{losses}}}""");

        var table = new (Task<Answer> Answer, HttpStatusCode Status, string Reason)[]
        {
            (device.GetForAnswerAsync("/agent/v1/receipts"), HttpStatusCode.BadRequest, "epoch must be the UUID"),
            (device.GetForAnswerAsync("/agent/v1/receipts?epoch=1"), HttpStatusCode.BadRequest, "epoch must be the UUID"),
            (device.PostJsonAsync("/agent/v1/losses", "{}"), HttpStatusCode.BadRequest, "epoch of a store"),
            (device.PostJsonAsync("/agent/v1/losses", "{"), HttpStatusCode.BadRequest, "body"),
            (DeclareAsync("null"), HttpStatusCode.BadRequest, "its losses"),
            (DeclareAsync($"[{Loss(0, 1, "expired")}]"), HttpStatusCode.BadRequest, "losses[0]: from and through"),
            (DeclareAsync($"[{Loss(1, 1, "expired")},{Loss(3, 2, "expired")}]"), HttpStatusCode.BadRequest, "losses[1]: from and through"),
            (DeclareAsync($"[{Loss(1, long.MaxValue, "expired")}]"), HttpStatusCode.BadRequest, "losses[0]: from and through"),
            (DeclareAsync($"[{Loss(1, 1, "a b")}]"), HttpStatusCode.BadRequest, "losses[0].reason"),
            (DeclareAsync($"[{string.Join(',', Enumerable.Repeat(Loss(1, 1, "expired"), 1001))}]"), HttpStatusCode.BadRequest, "at most 1000"),
            (key.GetForAnswerAsync($"/agent/v1/receipts?epoch={epoch}"), HttpStatusCode.Forbidden, "Insufficient permissions"),
            (key.PostJsonAsync("/agent/v1/losses", "{}"), HttpStatusCode.Forbidden, "Insufficient permissions"),
        };

        foreach (var (answer, status, reason) in table)
        {
            Assert.Equal((status, true), ((await answer).Status, (await answer).Error.Contains(reason, StringComparison.Ordinal)));
        }
    }

    private static string Loss(long from, long through, string reason) =>
        $$"""{"from":{{from}},"through":{{through}},"reason":"{{reason}}","at":"2026-11-23T10:00:00+02:00"}""";

    private static async Task SendAsync(FleetApplication fleet, HttpClient device, Guid epoch, params int[] numbers)
    {
        var useCase = await fleet.AddUseCaseAsync($"Receipts {Guid.NewGuid()}");
        var events = numbers.Select(n => $$$"""{"eventType":"custom","useCaseId":"{{{useCase}}}","store":{"epoch":"{{{epoch}}}","seq":{{{n}}}}}""");
        var answer = await device.PostJsonAsync("/vision-events/batch?partial=true", $$"""{"events":[{{string.Join(',', events)}}]}""");
        Assert.Equal(numbers.Length, (int)answer.Json["created"]!);
    }
}
