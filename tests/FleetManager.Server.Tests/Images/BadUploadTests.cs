using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FleetManager.Contracts.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Images;

/// <summary>Uploads that are no upload, and files that are no image, whatever they say of themselves: refused in words, and nothing is left behind.</summary>
public sealed class BadUploadTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string File = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n";

    // Each calls itself photo.jpg.
    public static TheoryData<string, byte[]> Files { get; } = new()
    {
        { "The file is empty", [] },
        { "a PDF document", [.. "%PDF-1.7"u8] },
        { "a ZIP archive", [.. "PK"u8, 3, 4, 0] },
        { "a gzip archive", [0x1F, 0x8B, 8, 0] },
        { "an SVG drawing", [.. "<?xml version='1.0'?><svg/>"u8] },
        { "HTML or XML", [.. "<!doctype html>"u8] },
        { "a video", [0, 0, 0, 24, .. "ftypisom\0\0\0\0isommp42"u8] },
        { "JSON", [.. "{\"a\":1}"u8] },
        { "text", [.. "hello"u8] },
        { "unknown data (it starts with FFD8)", [0xFF, 0xD8] },
        { "unknown data (it starts with 0001020304050607)", [0, 1, 2, 3, 4, 5, 6, 7, 8] },
        { "unknown data (it starts with 4D5A900003000000)", [.. "MZ"u8, 0x90, 0, 3, 0, 0, 0] },
    };

    public static TheoryData<string, string> Metadata { get; } = new()
    {
        { "[1]", "metadata: must be a flat object" },
        { "null x", "metadata: The body is not valid JSON" },
        { """{"a":{}}""", "metadata.a: must be a string, a number or a boolean" },
        { """{"a""", "metadata: The body is not valid JSON" },
        { """{"a":1} 2""", "metadata: The body is not valid JSON" },
        { """{"a":1,"a":2}""", "metadata.a: is there twice." },
        { """{"a.b":1}""", "metadata: the key 'a.b' must have" },
        { """{"a":"\u0000"}""", "metadata.a: holds the character NUL" },
        { """{"a":"\udc00"}""", "metadata.a: holds half of a surrogate pair" },
        { """{"a":1e999}""", "metadata.a: is not a number" },
        { $$"""{"a":"{{new string('x', 1001)}}"}""", "metadata.a: has at most 1000" },
        { $"{{{string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"k{i}\":1"))}}}", "metadata: has more than 100 keys." },
        { new string(' ', 300_000), "metadata: is larger than 256 KiB." },
    };

    public static TheoryData<string, string, string> Forms { get; } = new()
    {
        { "application/json", "{}", "Send the image as multipart/form-data" },
        { "multipart/form-data", "", "Send the image as multipart/form-data" },
        { "multipart/form-data; boundary=" + new string('b', 201), "", "Send the image as multipart/form-data" },
        { "application/x-www-form-urlencoded", "file=abc", "Send the image as multipart/form-data" },
        { "multipart/form-data; boundary=x", "", "ends too early" },
        { "multipart/form-data; boundary=x", File + "abc", "ends too early" },
        { "multipart/form-data; boundary=x", File.Replace("\"file\"", "\"other\"", StringComparison.Ordinal) + "abc\r\n--x--\r\n", "The part 'file' is missing" },
        { "multipart/form-data; boundary=x", "--x\r\n\r\nabc\r\n--x--\r\n", "The part 'file' is missing" },
        { "multipart/form-data; boundary=x", "--x--\r\n", "The part 'file' is missing" },
        { "multipart/form-data; boundary=x", "nothing of the kind", "ends too early" },
        { "multipart/form-data; boundary=x", File + "abc\r\n" + File + "abc\r\n--x--\r\n", "The part 'file' is there twice" },
        { "multipart/form-data; boundary=x", string.Concat(Enumerable.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na\r\n", 21)) + "--x--\r\n", "more than 20 parts" },
        { "multipart/form-data; boundary=x", "--x\r\nX-Long: " + new string('h', 20_000) + "\r\n\r\nabc\r\n--x--\r\n", "can not be read" },
        { "multipart/form-data; boundary=x", "--x\r\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"X-{i}: a\r\n")) + "\r\nabc\r\n--x--\r\n", "can not be read" },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + new string('n', 1001) + "\r\n--x--\r\n", "name: must be text of at most 1000" },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na\0b\r\n--x--\r\n", "name: must be text" },
    };

    [Theory, DatabaseRows(nameof(Files))]
    public async Task File_ThatIsNoImage_Is400NamingWhatItIs(DatabaseKind kind, string what, byte[] content)
    {
        var error = await RefusedAsync(kind, Pictures.Upload(content));
        Assert.Contains(what, error, StringComparison.Ordinal);
        Assert.Contains("send JPEG, PNG", error, StringComparison.Ordinal);
    }

    [Theory, DatabaseRows(nameof(Metadata))]
    public async Task Metadata_ThatCanNotBe_Is400(DatabaseKind kind, string metadata, string reason) =>
        Assert.Contains(reason, await RefusedAsync(kind, Pictures.Upload(Pictures.Jpeg(), metadata: metadata)), StringComparison.Ordinal);

    [Theory, DatabaseRows(nameof(Forms))]
    public async Task Form_ThatIsBroken_Is400(DatabaseKind kind, string contentType, string body, string reason)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        Assert.Contains(reason, await RefusedAsync(kind, content), StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Image_OverTheLimit_Is413AsSoonAsItShows(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/vision-events/upload") { Content = Pictures.Upload(Pictures.Jpeg((int)EventLimits.ImageBytes + 1)) };
        request.Headers.TransferEncodingChunked = true;

        var answer = await client.SendForAnswerAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Contains("larger than 25 MiB", answer.Error, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }

    private async Task<string> RefusedAsync(DatabaseKind kind, HttpContent content)
    {
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();

        var answer = await client.PostForAnswerAsync("/vision-events/upload", content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        await Leftovers.AssertNoneAsync(fleet);
        return answer.Error;
    }
}
