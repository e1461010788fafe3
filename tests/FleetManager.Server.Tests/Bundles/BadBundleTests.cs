using System.Net;
using System.Text;
using FleetManager.Contracts.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Images;

namespace FleetManager.Server.Tests.Bundles;

/// <summary>Archives that are wrong, and archives that mean harm: each is refused in words, and leaves nothing behind.</summary>
public sealed class BadBundleTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string Good = """{"eventType":"custom","useCaseId":"bundles","images":[{"file":"images/a.jpg"}],"bundleFormatVersion":1}""";

    private static readonly byte[] s_picture = Pictures.Jpeg(5000);
    private static readonly byte[] s_image = Tar.Entry("images/a.jpg", s_picture);
    private static readonly byte[] s_payload = Payload(Good);
    private static readonly byte[] s_whole = Tar.Of(s_payload, s_image);

    public static TheoryData<string, Func<byte[]>, int, string> Archives { get; } = new()
    {
        // No archive.
        { "nothing", () => [], 400, "ends too early" },
        { "text", () => "hello"u8.ToArray(), 400, "ends too early" },
        { "JSON", () => Encoding.UTF8.GetBytes(Good.PadRight(600)), 400, "no tar or tar.gz archive" },
        { "a picture", () => s_picture, 400, "no tar or tar.gz archive" },
        { "gzip of no tar", () => Tar.Gzip(new byte[600].Select((_, i) => (byte)(i + 1)).ToArray()), 400, "no tar or tar.gz archive" },
        { "gzip in gzip", () => Tar.Gzip(Tar.Gzip(s_whole)), 400, "no tar or tar.gz archive" },

        // Cut off or damaged.
        { "cut in a header", () => s_whole[..300], 400, "ends too early" },
        { "cut in an image", () => s_whole[..2500], 400, "ends too early" },
        { "cut before its end", () => s_whole[..^1024], 400, "ends too early" },
        { "gzip cut in its head", () => Tar.Gzip(s_whole)[..5], 400, "no whole gzip data" },
        { "gzip cut in the middle", () => Tar.Gzip(s_whole)[..1000], 400, "no whole gzip data" },
        { "gzip without its checksum", () => Tar.Gzip(s_whole)[..^8], 400, "no whole gzip data" },
        { "gzip with a wrong checksum", () => [.. Tar.Gzip(s_whole)[..^8], 1, 2, 3, 4, 0, 0, 0, 0], 400, "no whole gzip data" },
        { "a header that is none", () => Tar.Of(s_payload, Enumerable.Repeat((byte)'x', 512).ToArray()), 400, "a header in it can not be read" },
        { "a size that is no number", () => Tar.Of(s_payload, BadSize()), 400, "a header in it can not be read" },

        // Names that climb, and what is no file.
        { "climbing", () => Tar.Of(s_payload, Tar.Entry("../evil.jpg", s_picture)), 400, "'../evil.jpg': names must be relative" },
        { "climbing inside", () => Tar.Of(s_payload, Tar.Entry("images/../../evil.jpg", s_picture)), 400, "names must be relative" },
        { "climbing by a long name", () => Tar.Of(s_payload, Tar.Pax("path", "images/../../evil.jpg"), Tar.Entry("images/x.jpg", s_picture)), 400, "names must be relative" },
        { "climbing by a GNU name", () => Tar.Of(s_payload, Tar.Entry("././@LongLink", "../evil\0"u8.ToArray(), 'L'), Tar.Entry("x", s_picture)), 400, "names must be relative" },
        { "climbing folder", () => Tar.Of(s_payload, Tar.Entry("../evil/", kind: '5')), 400, "names must be relative" },
        { "absolute", () => Tar.Of(s_payload, Tar.Entry("/etc/passwd", s_picture)), 400, "names must be relative" },
        { "drive", () => Tar.Of(s_payload, Tar.Entry("C:/evil.jpg", s_picture)), 400, "holds '\\', ':'" },
        { "backslashes", () => Tar.Of(s_payload, Tar.Entry("images\\..\\evil.jpg", s_picture)), 400, "holds '\\', ':'" },
        { "line break in a name", () => Tar.Of(s_payload, Tar.Entry("images/a\nb.jpg", s_picture)), 400, "characters that are no text" },
        { "NUL in a name", () => Tar.Of(s_payload, Tar.Pax("path", "images/a\0b.jpg"), s_image), 400, "characters that are no text" },
        { "endless name", () => Tar.Of(s_payload, Tar.Pax("path", new string('n', 2000)), s_image), 400, "longer than 1024" },
        { "symbolic link", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", kind: '2')), 400, "which is a symbolic link" },
        { "hard link", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", kind: '1')), 400, "which is a hard link" },
        { "character device", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", kind: '3')), 400, "which is a device" },
        { "block device", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", kind: '4')), 400, "which is a device" },
        { "pipe", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", kind: '6')), 400, "which is a pipe" },
        { "sparse file", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", kind: 'S')), 400, "which is a sparse file" },
        { "unknown kind", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", kind: 'Z')), 400, "of the unknown kind 'Z'" },
        { "image twice", () => Tar.Of(s_payload, s_image, s_image), 400, "'images/a.jpg' twice" },
        { "image twice in other words", () => Tar.Of(s_payload, s_image, Tar.Entry("./images//a.jpg", s_picture)), 400, "'images/a.jpg' twice" },
        { "payload twice", () => Tar.Of(s_payload, s_image, s_payload), 400, "'payload.json' twice" },

        // Too much.
        { "a million entries", () => Tar.GzipRepeated(s_payload, Tar.Entry("x/", kind: '5'), 1_000_000), 400, "more than 1000 entries" },
        { "a million long names", () => Tar.GzipRepeated(s_payload, Tar.Pax("path", "x"), 1_000_000), 400, "more than 1000 entries" },
        { "name of 2 GB", () => Tar.Of(s_payload, Tar.Entry("pax", kind: 'x', size: 2_000_000_000), s_image), 400, "a header of 2000000000 bytes" },
        { "GNU name of 2 GB", () => Tar.Of(s_payload, Tar.Entry("long", kind: 'L', size: 2_000_000_000), s_image), 400, "a header of 2000000000 bytes" },
        { "size beyond all", () => Tar.Of(s_payload, Tar.Pax("size", "9223372036854775807"), s_image), 400, "ends too early" },
        { "size that is none", () => Tar.Of(s_payload, Tar.Pax("size", "-5"), s_image), 400, "an extended header in it can not be read" },
        { "extended header that is none", () => Tar.Of(s_payload, Tar.Entry("pax", "9999 path=x\n"u8.ToArray(), 'x'), s_image), 400, "an extended header" },
        { "bomb of zeros in an image", () => Tar.GzipRepeated(Tar.Entry("images/a.jpg", size: 1_000_000_000), new byte[1_000_000], 1000), 413, "more than 100 times its size" },
        { "bomb of zeros in the payload", () => Tar.GzipRepeated(Tar.Entry("payload.json", size: 1_000_000_000), new byte[1_000_000], 1000), 413, "more than 100 times its size" },
        { "bomb behind the end", () => Tar.GzipRepeated(s_whole, new byte[1_000_000], 1000), 413, "more than 100 times its size" },
        { "four photographs of 20 MB, packed to a tenth", FourLargePictures, 413, "unpacks to more than 64 MiB" },
        { "payload over its limit", () => Tar.Of(Payload(new string(' ', EventLimits.EventBodyBytes + 1))), 413, "payload.json is larger than 4096 KiB" },
        { "bundle over its limit", () => Tar.Of(Tar.Entry("images/a.jpg", new byte[EventLimits.BundleBytes])), 413, "larger than 25600 KiB" },

        // What is inside.
        { "no payload", () => Tar.Of(s_image), 400, "no payload.json at its top" },
        { "payload deeper", () => Tar.Of(Tar.Entry("bundle/payload.json", Encoding.UTF8.GetBytes(Good)), s_image), 400, "no payload.json at its top" },
        { "payload empty", () => Tar.Of(Payload(""), s_image), 400, "not valid JSON, line 1" },
        { "payload broken", () => Tar.Of(Payload("{\n\"eventType\":,"), s_image), 400, "not valid JSON, line 2, position 13" },
        { "payload no object", () => Tar.Of(Payload("[]"), s_image), 400, "An event must be a JSON object." },
        { "payload no text", () => Tar.Of(Tar.Entry("payload.json", [(byte)'{', 0xFF, (byte)'}'])), 400, "not UTF-8" },
        { "version missing", () => With(Good.Replace(",\"bundleFormatVersion\":1", "", StringComparison.Ordinal)), 400, "bundleFormatVersion: must be 1, but is missing." },
        { "version of the future", () => With(Good.Replace("Version\":1", "Version\":2", StringComparison.Ordinal)), 400, "bundleFormatVersion: must be 1, but is 2." },
        { "version as text", () => With(Good.Replace("Version\":1", "Version\":\"1\"", StringComparison.Ordinal)), 400, "bundleFormatVersion: must be a number, but is a string." },
        { "image not there", () => Tar.Of(s_payload), 400, "images[0].file: names 'images/a.jpg', which the bundle does not hold" },
        { "input image not there", () => With(Good.Replace("file", "inputFile", StringComparison.Ordinal).Replace("a.jpg", "b.jpg", StringComparison.Ordinal)), 400, "images[0].inputFile: names 'images/b.jpg'" },
        { "image elsewhere", () => Tar.Of(Payload(Good.Replace("images/a", "videos/a", StringComparison.Ordinal)), Tar.Entry("videos/a.jpg", s_picture)), 400, "does not hold below images/" },
        { "image by a path", () => With(Good.Replace("images/a.jpg", "/etc/passwd", StringComparison.Ordinal)), 400, "names must be relative" },
        { "image no text", () => With(Good.Replace("\"images/a.jpg\"", "7", StringComparison.Ordinal)), 400, "images[0].file: must be a string, but is a number." },
        { "images no list", () => With(Good.Replace("[{\"file\":\"images/a.jpg\"}]", "{}", StringComparison.Ordinal)), 400, "images: must be an array, but is an object." },
        { "images of no objects", () => With(Good.Replace("{\"file\":\"images/a.jpg\"}", "5", StringComparison.Ordinal)), 400, "images[0]: must be an object, but is a number." },
        { "image twice in one", () => With(Good.Replace("{\"file\"", "{\"file\":\"images/a.jpg\",\"file\"", StringComparison.Ordinal)), 400, "images[0].sourceId: is there twice." },
        { "member that is no image", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg", "%PDF-1.7"u8.ToArray())), 400, "images[0].file: 'images/a.jpg' is a PDF document, not an image" },
        { "member that is empty", () => Tar.Of(s_payload, Tar.Entry("images/a.jpg")), 400, "'images/a.jpg' is empty" },
        { "second image is none", SecondIsNone, 400, "images[1].file: 'images/b.jpg' is text, not an image" },
        { "event that is none", () => With(Good.Replace("custom", "other", StringComparison.Ordinal)), 400, "eventType: must be one of" },
        { "use case not there", () => With(Good.Replace("bundles", "nowhere", StringComparison.Ordinal)), 400, "Use case 'nowhere' does not exist" },
        { "use case archived", () => With(Good.Replace("bundles", "closed", StringComparison.Ordinal)), 400, "is archived and takes no new events" },
        { "use case not named", () => With(Good.Replace("\"useCaseId\":\"bundles\",", "", StringComparison.Ordinal)), 400, "useCaseId: is missing" },
    };

    [Theory, DatabaseRows(nameof(Archives))]
    public async Task Archive_ThatIsBad_IsRefusedAndLeavesNothing(DatabaseKind kind, string name, Func<byte[]> archive, int status, string reason)
    {
        var (fleet, client) = await ReadyAsync(kind);

        var answer = await BundleTests.SendAsync(client, "", archive());

        Assert.Equal((name, status), (name, (int)answer.Status));
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Bundle_OverItsLimitWithoutALength_Is413AndLeavesNothing(DatabaseKind kind)
    {
        var (fleet, client) = await ReadyAsync(kind);

        var answer = await BundleTests.SendAsync(client, "", Tar.Of(Tar.Entry("images/a.jpg", new byte[EventLimits.BundleBytes])), chunked: true);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Bundle_AsAFormOrWithoutAKey_IsRefused(DatabaseKind kind)
    {
        var (fleet, client) = await ReadyAsync(kind);
        using var nobody = fleet.ClientFor();
        using var reader = await fleet.KeyClientAsync("vision-events:read");

        var form = await client.PostForAnswerAsync("/vision-events/bundle", Pictures.Upload(s_whole));

        Assert.Equal(HttpStatusCode.BadRequest, form.Status);
        Assert.Contains("--data-binary", form.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await BundleTests.SendAsync(nobody, "", s_whole)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await BundleTests.SendAsync(reader, "", s_whole)).Status);
        await Leftovers.AssertNoneAsync(fleet);
    }

    private static byte[] Payload(string json) => Tar.Entry("payload.json", Encoding.UTF8.GetBytes(json));

    private static byte[] With(string payload) => Tar.Of(Payload(payload), s_image);

    private static byte[] BadSize()
    {
        var entry = Tar.Entry("images/a.jpg", s_picture);
        // One digit up, one byte down: the checksum still holds.
        (entry[124], entry[0]) = ((byte)'9', (byte)(entry[0] - ('9' - '0')));
        return entry;
    }

    private static byte[] SecondIsNone() => Tar.Of(
        Payload(Good.Replace("}]", "},{\"file\":\"images/b.jpg\"}]", StringComparison.Ordinal)), s_image, Tar.Entry("images/b.jpg", "hello"u8.ToArray()));

    private static byte[] FourLargePictures()
    {
        // Longer than gzip remembers, so that only the zeros shrink.
        var chunk = (byte[])[.. Pictures.Jpeg(4000), .. new byte[60_000]];
        var picture = Enumerable.Repeat(chunk, 320).SelectMany(c => c).ToArray();
        return Tar.Gzip(Tar.Of([s_payload, .. "abcd".Select(c => Tar.Entry($"images/{c}.jpg", picture))]));
    }

    private async Task<(FleetApplication Fleet, HttpClient Client)> ReadyAsync(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCases = fleet.Service<Features.UseCases.UseCaseService>();
        await useCases.CreateAsync(fleet.Workspace.Id, "bundles", "ann", TestContext.Current.CancellationToken);
        await useCases.CreateAsync(fleet.Workspace.Id, "closed", "ann", TestContext.Current.CancellationToken);
        await useCases.ArchiveAsync(fleet.Workspace.Id, "closed", "ann", TestContext.Current.CancellationToken);
        return (fleet, await fleet.KeyClientAsync());
    }
}
