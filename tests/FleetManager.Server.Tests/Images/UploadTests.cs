using System.Net;
using System.Net.Http.Headers;
using FleetManager.Contracts.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Images;

public sealed class UploadTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string Path = "/vision-events/upload";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte[]> Formats { get; } = new()
    {
        { "image/jpeg", [0xFF, 0xD8, 0xFF, 0xDB] },
        { "image/png", [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A] },
        { "image/gif", [.. "GIF89a"u8] },
        { "image/webp", [.. "RIFF1234WEBPVP8 "u8] },
        { "image/tiff", [.. "II*\0"u8] },
        { "image/tiff", [.. "MM\0*"u8] },
        { "image/bmp", [.. "BM1234\0\0\0\0"u8] },
        { "image/heic", [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic"u8] },
        { "image/heic", [0, 0, 0, 24, .. "ftypmif1\0\0\0\0mif1heic"u8] },
        { "image/avif", [0, 0, 0, 24, .. "ftypavif\0\0\0\0avifmif1"u8] },
        { "image/avif", [0, 0, 0, 24, .. "ftypmif1\0\0\0\0mif1avif"u8] },
    };

    [Theory, DatabaseData]
    public async Task Upload_AsTheSdkSendsIt_IsAnsweredWithIdAndUrlAndKeptOnDisk(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync("vision-events:write");
        var picture = Pictures.Jpeg(300_000);

        var answer = await client.PostForAnswerAsync(Path, Pictures.Upload(picture, "front.jpg", """{"lens":"wide","n":1}"""));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var id = Pictures.SourceIdOf(picture);
        Assert.StartsWith($$"""{"success":true,"sourceId":"{{id}}","url":"{{fleet.Address}}vision-events/images/{{id}}?""", answer.Text, StringComparison.Ordinal);
        await using var db = fleet.Open();
        var row = await db.Images.SingleAsync(i => i.SourceId == id, Cancellation);
        var file = System.IO.Path.Combine(fleet.DataDirectory, "images", ImageKey.Of(row).Path);
        Assert.Equal(picture, await File.ReadAllBytesAsync(file, Cancellation));
        Assert.Equal(("image/jpeg", 300_000, "front.jpg"), (row.MediaType, row.Size, row.Name));
        Assert.Contains("wide", row.Metadata, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task SameImage_ManyTimesAtOnce_IsOneImage(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg();

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => client.PostForAnswerAsync(Path, Pictures.Upload(picture))));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.Status));
        Assert.Single(answers.Select(a => a.Text).Distinct());
        await using var db = fleet.Open();
        var row = await db.Images.SingleAsync(i => i.SourceId == Pictures.SourceIdOf(picture), Cancellation);
        Assert.Equal(picture, await File.ReadAllBytesAsync(System.IO.Path.Combine(fleet.DataDirectory, "images", ImageKey.Of(row).Path), Cancellation));
        Assert.Empty(Directory.EnumerateFiles(System.IO.Path.Combine(fleet.DataDirectory, "images", ".incoming")));
    }

    [Theory, DatabaseData]
    public async Task SameImage_WithAnotherNameOrMetadata_LastWordWins(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg();

        Assert.Equal(("photo.txt", null), await AfterAsync(null, null));
        Assert.Equal(("first", """{"lens":"wide"}"""), await AfterAsync("first", """{"lens":"wide"}"""));
        Assert.Equal(("first", """{"lens":"wide"}"""), await AfterAsync(null, null));
        Assert.Equal(("second", """{"lens":"wide"}"""), await AfterAsync("second", null));
        Assert.Equal(("second", """{"n":1}"""), await AfterAsync(null, """{"n":1}"""));
        var known = await fleet.Service<ImageDirectory>().FindAsync(fleet.Workspace.Id, [Pictures.SourceIdOf(picture), "other"], Cancellation);
        Assert.Equal("""{"n":1}""", Assert.Single(known).Value!.Replace(" ", "", StringComparison.Ordinal));

        async Task<(string?, string?)> AfterAsync(string? name, string? metadata)
        {
            Assert.Equal(HttpStatusCode.Created, (await client.PostForAnswerAsync(Path, Pictures.Upload(picture, name, metadata))).Status);
            await using var db = fleet.Open();
            var row = await db.Images.SingleAsync(i => i.SourceId == Pictures.SourceIdOf(picture), Cancellation);
            return (row.Name, row.Metadata?.Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Theory, DatabaseData]
    public async Task SameImage_WhoseBytesWereTakenAway_IsPutBack(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg();
        await client.PostForAnswerAsync(Path, Pictures.Upload(picture));
        await using var db = fleet.Open();
        var row = await db.Images.SingleAsync(i => i.SourceId == Pictures.SourceIdOf(picture), Cancellation);
        File.Delete(System.IO.Path.Combine(fleet.DataDirectory, "images", ImageKey.Of(row).Path));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetForAnswerAsync($"/vision-events/images/{row.SourceId}")).Status);

        Assert.Equal(HttpStatusCode.Created, (await client.PostForAnswerAsync(Path, Pictures.Upload(picture))).Status);

        using var served = await client.GetAsync($"/vision-events/images/{row.SourceId}", Cancellation);
        Assert.Equal(picture, await served.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory, DatabaseRows(nameof(Formats))]
    public async Task Format_OfContent_IsRecognisedWhateverTheNameSays(DatabaseKind kind, string mediaType, byte[] head)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Of(head, 200);

        Assert.Equal(HttpStatusCode.Created, (await client.PostForAnswerAsync(Path, Pictures.Upload(picture))).Status);

        using var served = await client.GetAsync($"/vision-events/images/{Pictures.SourceIdOf(picture)}", Cancellation);
        Assert.Equal(mediaType, served.Content.Headers.ContentType!.MediaType);
    }

    [Theory, DatabaseData]
    public async Task FileName_ThatIsNoText_IsLeftOut(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var content = new ByteArrayContent([
            .. "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\0b.jpg\"\r\n\r\n"u8, .. Pictures.Jpeg(), .. "\r\n--x--\r\n"u8]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");

        var answer = await client.PostForAnswerAsync(Path, content);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
    }

    [Fact]
    public async Task Image_OfExactlyTheLimit_IsKept()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();

        var answer = await client.PostForAnswerAsync(Path, Pictures.Upload(Pictures.Jpeg((int)EventLimits.ImageBytes)));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
    }

    [Fact]
    public async Task Store_ThatCanNotBeWritten_Is503AndNoRowIsMade()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = await fleet.KeyClientAsync();
        var images = System.IO.Path.Combine(fleet.DataDirectory, "images");
        Assert.Equal(HttpStatusCode.Created, (await client.PostForAnswerAsync(Path, Pictures.Upload(Pictures.Jpeg()))).Status);
        // A file where the directory was: this also stops root.
        Directory.Delete(images, recursive: true);
        await File.WriteAllTextAsync(images, "", Cancellation);

        var answer = await client.PostForAnswerAsync(Path, Pictures.Upload(Pictures.Jpeg()));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains("image store", answer.Error, StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
        await using var db = fleet.Open();
        Assert.Equal(1, await db.Images.CountAsync(Cancellation));
    }
}
