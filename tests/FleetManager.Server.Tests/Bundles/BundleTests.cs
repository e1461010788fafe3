using System.Formats.Tar;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Images;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Bundles;

/// <summary>Events that arrive as a tar archive with their images (vision-events.md 7).</summary>
public sealed class BundleTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<TarEntryFormat, bool> Formats { get; } = new()
    {
        { TarEntryFormat.Pax, true },
        { TarEntryFormat.Pax, false },
        { TarEntryFormat.Gnu, true },
        { TarEntryFormat.Ustar, true },
        { TarEntryFormat.V7, true },
    };

    [Theory, DatabaseRows(nameof(Formats))]
    public async Task Bundle_AsTheBlockWritesIt_IsAnEventWithItsImages(DatabaseKind kind, TarEntryFormat format, bool packed)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"{format} {packed}");
        using var client = await fleet.KeyClientAsync("vision-events:write");
        var (output, input) = (Pictures.Jpeg(100_000), Pictures.Jpeg(3_000_000));
        // Longer than a plain header holds, where the format has a way to say so.
        var folder = format == TarEntryFormat.V7 ? "images/" : $"images/{new string('f', 60)}/{new string('g', 60)}/";
        var payload = $$"""
            {"bundleFormatVersion":1,"eventId":"{{useCase}}-1","eventType":"quality_check","useCaseId":"{{useCase}}",
             "images":[{"label":"workflow","file":"{{folder}}a.jpg","inputFile":"{{folder}}b.jpg","objectDetections":[{"class":"scratch","x":1,"y":2,"width":3,"height":4,"confidence":0.5}]}],
             "eventData":{"result":"fail"},"displayImagePosition":0}
            """;
        var archive = Tar.Write(format, ("payload.json", Encoding.UTF8.GetBytes(payload)), ($"{folder}a.jpg", output), ($"{folder}b.jpg", input));

        var answer = await SendAsync(client, "", packed ? Tar.Gzip(archive) : archive);

        Assert.Equal((HttpStatusCode.Created, $$"""{"eventId":"{{useCase}}-1","created":true}"""), (answer.Status, answer.Text));
        var stored = await SingleAsync(fleet, useCase);
        var image = Assert.Single(stored["images"]!.AsArray())!;
        Assert.Equal([Pictures.SourceIdOf(output), Pictures.SourceIdOf(input)], [(string)image["sourceId"]!, (string)image["inputSourceId"]!]);
        Assert.Equal("scratch", (string)image["objectDetections"]![0]!["class"]!);
        Assert.Null(stored["bundleFormatVersion"]);
        Assert.Null(stored["warnings"]);
        using var reader = await fleet.KeyClientAsync();
        Assert.Equal(output, await reader.GetByteArrayAsync(new Uri((string)image["url"]!), Cancellation));
        Assert.Equal(input, await reader.GetByteArrayAsync(new Uri((string)image["inputUrl"]!), Cancellation));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(fleet.DataDirectory, "images", ".incoming")));
    }

    [Theory, DatabaseData]
    public async Task UseCase_OfTheQuery_GoesBeforeTheOneInside(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Query wins");
        using var client = await fleet.KeyClientAsync();

        foreach (var inside in new[] { """ "useCaseId":"nowhere", """, """ "solution":"nowhere", """, "" })
        {
            var answer = await SendAsync(client, $"?useCaseId={useCase}", Tar.Of(Payload($$"""{{{inside}}"eventId":"wins","eventType":"custom","bundleFormatVersion":1}""")));
            Assert.Equal(HttpStatusCode.Created, answer.Status);
        }

        Assert.Equal("wins", (string)(await SingleAsync(fleet, useCase))["eventId"]!);
    }

    [Theory, DatabaseData]
    public async Task Bundle_SentTwice_IsOneEventAlsoWithoutAnId(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Twice");
        using var client = await fleet.KeyClientAsync();
        var bundle = Tar.Gzip(Tar.Of(
            Payload("""{"eventType":"custom","images":[{"file":"images/a.jpg"}],"bundleFormatVersion":1}"""), Tar.Entry("images/a.jpg", Pictures.Jpeg())));

        var first = await SendAsync(client, $"?useCaseId={useCase}", bundle);
        var second = await SendAsync(client, $"?useCaseId={useCase}", bundle);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.Status, second.Status));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal((string)first.Json["eventId"]!, (string)(await SingleAsync(fleet, useCase))["eventId"]!);
    }

    [Theory, DatabaseData]
    public async Task Members_ThatAreReserved_ArePassedOver(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Reserved");
        using var client = await fleet.KeyClientAsync();
        var (named, unnamed, reserved) = (Pictures.Jpeg(), Pictures.Jpeg(), Pictures.Jpeg());

        var answer = await SendAsync(client, "?api_key=wrong&useCaseId=" + useCase, Tar.Of(
            Tar.Entry("./", kind: '5'),
            Tar.Entry("./videos/", kind: '5'),
            Tar.Entry("./videos/a.mp4", reserved),
            Tar.Entry("pax_global_header", Encoding.UTF8.GetBytes("18 comment=made by\n"), 'g'),
            Tar.Entry("./images/a.jpg", named),
            Tar.Entry("images/b.jpg", unnamed),
            Tar.Entry("README", "hello"u8.ToArray()),
            Tar.Entry("./payload.json", """{"eventType":"custom","images":[{"file":"images/a.jpg"}],"bundleFormatVersion":1}"""u8.ToArray())));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        await using var db = fleet.Open();
        var sources = await db.Images.Select(i => i.SourceId).ToListAsync(Cancellation);
        Assert.Contains(Pictures.SourceIdOf(named), sources);
        Assert.DoesNotContain(Pictures.SourceIdOf(unnamed), sources);
        Assert.DoesNotContain(Pictures.SourceIdOf(reserved), sources);
    }

    /// <summary>Extended headers say something of the next member and of no other, and each only what it says.</summary>
    [Theory, DatabaseData]
    public async Task Headers_OfSeveralKinds_HoldForTheNextMemberOnly(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Headers");
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg();

        var answer = await SendAsync(client, $"?useCaseId={useCase}", Tar.Of(
            Tar.Pax("size", "0"),
            Tar.Entry("images/", kind: '5'),
            Payload("""{"eventId":"headers","eventType":"custom","images":[{"file":"images/long.jpg"}],"bundleFormatVersion":1}"""),
            Tar.Entry("././@LongLink", "images/long.jpg\0"u8.ToArray(), 'L'),
            Tar.Pax("mtime", "1.5"),
            Tar.Entry("images/lo", picture)));

        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        Assert.Equal(Pictures.SourceIdOf(picture), (string)(await SingleAsync(fleet, useCase))["images"]![0]!["sourceId"]!);
    }

    [Theory, DatabaseData]
    public async Task Bundle_OfADevice_IsItsOwnAndOverwritesNoOther(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Carried");
        using var first = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        using var second = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        byte[] Bundle(byte[] picture) => Tar.Of(
            Payload("""{"eventId":"carried","eventType":"custom","images":[{"file":"images/a.jpg"}],"bundleFormatVersion":1}"""), Tar.Entry("images/a.jpg", picture));
        var foreign = Pictures.Jpeg();

        Assert.Equal(HttpStatusCode.Created, (await SendAsync(first, $"?useCaseId={useCase}", Bundle(Pictures.Jpeg()))).Status);
        var refused = await SendAsync(second, $"?useCaseId={useCase}", Bundle(foreign));

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        await using var db = fleet.Open();
        Assert.False(await db.Images.AnyAsync(i => i.SourceId == Pictures.SourceIdOf(foreign), Cancellation));
    }

    /// <summary>Some clients take the packed archive for a packed body, and say so.</summary>
    [Theory, DatabaseData]
    public async Task Bundle_SaidToBeAPackedBody_IsReadTheSame(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Encoded");
        using var client = await fleet.KeyClientAsync();
        var content = new ByteArrayContent(Tar.Gzip(Tar.Of(Payload("""{"eventId":"encoded","eventType":"custom","bundleFormatVersion":1}"""))));
        content.Headers.ContentEncoding.Add("gzip");

        var answer = await client.PostForAnswerAsync($"/vision-events/bundle?useCaseId={useCase}", content);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("encoded", (string)(await SingleAsync(fleet, useCase))["eventId"]!);
    }

    internal static Task<Answer> SendAsync(HttpClient client, string query, byte[] bundle, bool chunked = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/vision-events/bundle" + query) { Content = new ByteArrayContent(bundle) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/gzip");
        request.Headers.TransferEncodingChunked = chunked;
        return client.SendForAnswerAsync(request);
    }

    private static byte[] Payload(string json) => Tar.Entry("payload.json", Encoding.UTF8.GetBytes(json));

    private static async Task<JsonNode> SingleAsync(FleetApplication fleet, string useCase)
    {
        using var client = await fleet.KeyClientAsync();
        var answer = await client.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{useCase}}"}""");
        return Assert.Single(answer.Json["events"]!.AsArray())!;
    }
}
