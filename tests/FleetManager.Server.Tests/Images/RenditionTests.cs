using System.Net;
using System.Net.Http.Headers;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using ImageMagick;

namespace FleetManager.Server.Tests.Images;

/// <summary>Pictures of images that every browser shows, made by the real decoder in its own process.</summary>
public sealed class RenditionTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    public static TheoryData<string> Formats { get; } =
        new("image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/bmp", "image/heic", "image/avif");

    public static TheoryData<string, Func<byte[]>, string> Damaged { get; } = new()
    {
        { "noise", () => Pictures.Of([0xFF, 0xD8, 0xFF, 0xDB], 200_000), "damaged or incomplete" },
        { "half a TIFF", () => Pictures.Real("image/tiff", p => p.Scale(300, 300))[..2000], "damaged or incomplete" },
        { "half a HEIC", () => Pictures.Real("image/heic")[..300], "damaged or incomplete" },
        { "drawing commands", () => Pictures.Of([.. "BM1234\0\0\0\0"u8, .. "push graphic-context viewbox 0 0 9 9"u8], 100), "damaged or incomplete" },
        { "12 000 x 10 000 pixels in 15 KB", () => Bomb(12_000, 10_000), "too large to be shown" },
        { "says it has 4 000 million pixels on a side", Lie, "" },
    };

    private static readonly string[] s_shown = ["image/jpeg", "image/png", "image/webp", "image/gif"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Picture_OfEveryFormat_IsShownByABrowser(string mediaType)
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var original = Pictures.Real(mediaType);
        var address = await UploadAsync(client, original);

        using var whole = await client.GetAsync(address, Cancellation);
        using var display = await client.GetAsync($"{address}/display", Cancellation);
        using var thumbnail = await client.GetAsync($"{address}/256", Cancellation);

        Assert.Equal((mediaType, original.Length), (whole.Content.Headers.ContentType!.MediaType, (int)whole.Content.Headers.ContentLength!));
        Assert.Contains(display.Content.Headers.ContentType!.MediaType, s_shown);
        Assert.Equal("image/jpeg", thumbnail.Content.Headers.ContentType!.MediaType);
        foreach (var answer in new[] { display, thumbnail })
        {
            using var picture = new MagickImage(await answer.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.Equal((48u, 32u), (picture.Width, picture.Height));
            Assert.True(IsMostly(picture, 5, c => c.R) && IsMostly(picture, 42, c => c.B), mediaType);
        }
    }

    [Fact]
    public async Task Thumbnail_OfALargePhotograph_IsSmallUprightAndTellsNothing()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var photograph = Pictures.Real("image/jpeg", p =>
        {
            p.Scale(2400, 1600);
            p.AddNoise(NoiseType.Gaussian);
            var exif = new ExifProfile();
            exif.SetValue(ExifTag.Orientation, (ushort)6);
            exif.SetValue(ExifTag.Copyright, "somebody at home");
            p.SetProfile(exif);
            p.Orientation = Orientation.RightTop;
        });
        var address = await UploadAsync(client, photograph);

        var bytes = await client.GetByteArrayAsync($"{address}/256", Cancellation);

        using var picture = new MagickImage(bytes);
        Assert.Equal((171u, 256u), (picture.Width, picture.Height));
        Assert.Null(picture.GetExifProfile());
        Assert.True(IsMostly(picture, 80, c => c.R, y: 10) && IsMostly(picture, 80, c => c.B, y: 240));
        Assert.Equal(1024u, new MagickImageInfo(await client.GetByteArrayAsync($"{address}/1024", Cancellation)).Height);
    }

    [Fact]
    public async Task Picture_AskedForAgain_IsCachedAndNotChanged()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = await fleet.KeyClientAsync();
        var address = await UploadAsync(client, Pictures.Real("image/tiff"));

        var many = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetAsync($"{address}/display", Cancellation)));

        Assert.All(many, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var tag = many[0].Headers.ETag!;
        Assert.NotEqual((await client.GetAsync(address, Cancellation)).Headers.ETag, tag);
        var file = Assert.Single(Directory.EnumerateFiles(Path.Combine(fleet.DataDirectory, "renditions"), "*", SearchOption.AllDirectories));
        await File.WriteAllTextAsync(file, "0123456789", Cancellation);
        using var part = new HttpRequestMessage(HttpMethod.Get, $"{address}/display") { Headers = { Range = new RangeHeaderValue(2, 4) } };
        Assert.Equal("234", (await client.SendForAnswerAsync(part)).Text);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"{address}/display") { Headers = { IfNoneMatch = { tag } } };
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendForAnswerAsync(again)).Status);
    }

    [Theory, DatabaseRows(nameof(Damaged))]
    public async Task Picture_OfWhatCanNotBeDecoded_Is422WithTheReasonAndTheOriginalIsThere(DatabaseKind kind, string name, Func<byte[]> image, string reason)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var damaged = image();
        var address = await UploadAsync(client, damaged);

        var answer = await client.GetForAnswerAsync($"{address}/256");

        Assert.Equal((name, HttpStatusCode.UnprocessableEntity), (name, answer.Status));
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        Assert.Equal(answer.Error, (await client.GetForAnswerAsync($"{address}/1024")).Error);
        Assert.Equal(damaged, await client.GetByteArrayAsync(address, Cancellation));
    }

    [Fact]
    public async Task Thumbnail_OfASmallJpeg_IsTheImageItself()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var original = Pictures.Real("image/jpeg");
        var address = await UploadAsync(client, original);

        Assert.Equal(original, await client.GetByteArrayAsync($"{address}/256", Cancellation));
    }

    [Fact]
    public async Task Picture_UnknownVariant_Is404NamingTheVariants()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var address = await UploadAsync(client, Pictures.Jpeg());

        foreach (var variant in new[] { "257", "Display", "..%2F..%2Ffleet.db" })
        {
            var answer = await client.GetForAnswerAsync($"{address}/{variant}");
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            Assert.NotEmpty(answer.Error);
        }
    }

    private static bool IsMostly(MagickImage picture, int x, Func<IMagickColor<byte>, byte> channel, int y = 16)
    {
        var colour = picture.GetPixels().GetPixel(x, y).ToColor()!;
        return channel(colour) > 150 && colour.R + colour.G + colour.B - channel(colour) < 150;
    }

    private static byte[] Bomb(uint width, uint height)
    {
        using var picture = new MagickImage(MagickColors.Gray, width, height) { ColorType = ColorType.Grayscale };
        return picture.ToByteArray(MagickFormat.Png);
    }

    private static byte[] Lie()
    {
        var png = Pictures.Real("image/png");
        Convert.FromHexString("F0000000F0000000").CopyTo(png, 16);
        return png;
    }

    private static async Task<string> UploadAsync(HttpClient client, byte[] picture) =>
        $"/vision-events/images/{(string)(await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture))).Json["sourceId"]!}";
}
