using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Tests.Accounts;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Images;

public sealed class ServeTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Original_ByItsUrl_IsServedForEverAndNeverSniffed(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg(50_000);
        var url = (string)(await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture))).Json["url"]!;

        using var whole = await client.GetAsync(url, Cancellation);

        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal(picture, await whole.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("image/jpeg", whole.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", Assert.Single(whole.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("immutable", whole.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal($"\"{Pictures.SourceIdOf(picture)}\"", whole.Headers.ETag!.Tag);

        using var again = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfNoneMatch = { whole.Headers.ETag } } };
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendForAnswerAsync(again)).Status);

        using var part = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(100, 199) } };
        using var range = await client.SendAsync(part, Cancellation);
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(picture[100..200], await range.Content.ReadAsByteArrayAsync(Cancellation));

        using var beyond = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(50_000, null) } };
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await client.SendForAnswerAsync(beyond)).Status);

        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url), Cancellation);
        Assert.Equal((HttpStatusCode.OK, 50_000), (head.StatusCode, head.Content.Headers.ContentLength));
    }

    [Theory, DatabaseData]
    public async Task Image_OfAnotherWorkspaceUnknownOrAPath_Is404(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        using var stranger = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync($"ws-{Guid.NewGuid():n}")));
        var picture = Pictures.Jpeg();
        await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture));

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetForAnswerAsync($"/vision-events/images/{Pictures.SourceIdOf(picture)}")).Status);
        foreach (var id in new[] { new string('0', 64), "abc123def456", "..%2F..%2Ffleet.db", Pictures.SourceIdOf(picture).ToUpperInvariant() })
        {
            var answer = await client.GetForAnswerAsync($"/vision-events/images/{id}");
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            Assert.NotEmpty(answer.Error);
        }
    }

    [Theory, DatabaseData]
    public async Task EventOfUploadedImages_CarriesTheirUrlsAndNoWarning(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"With images {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var ids = new List<string>();
        foreach (var picture in new[] { Pictures.Jpeg(), Pictures.Jpeg() })
        {
            ids.Add((string)(await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture))).Json["sourceId"]!);
        }

        await client.PostJsonAsync(
            "/vision-events",
            $$"""{"eventType":"custom","useCaseId":"{{useCase}}","images":[{"sourceId":"{{ids[0]}}","inputSourceId":"{{ids[1]}}"},{"sourceId":"elsewhere"}]}""");

        var page = await client.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{useCase}}"}""");
        var images = page.Json["events"]![0]!["images"]!.AsArray();
        Assert.StartsWith($"{fleet.Address}vision-events/images/{ids[0]}?", (string)images[0]!["url"]!, StringComparison.Ordinal);
        Assert.StartsWith($"{fleet.Address}vision-events/images/{ids[1]}?", (string)images[0]!["inputUrl"]!, StringComparison.Ordinal);
        Assert.Equal(["sourceId"], Assert.IsType<JsonObject>(images[1]).Select(p => p.Key));
        var stored = await fleet.Service<EventQueryService>().QueryAsync(fleet.Workspace.Id, new() { UseCaseId = useCase }, Cancellation);
        var warning = Assert.Single(EventWarning.ReadAll(stored.Events[0].Warnings));
        Assert.Equal("images[1].sourceId", warning.Path);
    }

    [Fact]
    public async Task ConsoleImage_WithoutASession_IsNotServed()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg();
        await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture));

        using var answer = await client.GetAsync($"/w/default/images/{Pictures.SourceIdOf(picture)}", Cancellation);

        Assert.NotEqual("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task ConsoleImage_ForAMember_IsServedAndForOthersNotThere()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg();
        await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture));
        await fleet.AddWorkspaceAsync("other");
        using var ann = await ConsoleVisitor.OwnerAsync(fleet);

        Assert.Equal(HttpStatusCode.OK, (await ann.GetAsync($"/w/default/images/{Pictures.SourceIdOf(picture)}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ann.GetAsync($"/w/other/images/{Pictures.SourceIdOf(picture)}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ann.GetAsync($"/w/default/images/{new string('0', 64)}")).Status);
    }
}
