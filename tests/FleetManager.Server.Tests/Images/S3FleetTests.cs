using System.Net;
using System.Net.Http.Headers;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Images;

/// <summary>A whole server whose images lie in an S3-compatible service.</summary>
public sealed class S3FleetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Image_OnS3_IsUploadedServedInPartsAndShown(DatabaseKind kind)
    {
        var endpoint = await S3Server.Instance.EndpointAsync();
        await using var fleet = await FleetApplication.StartAsync(kind, host => host
            .UseSetting("Fleet:Images:Store", "S3")
            .UseSetting("Fleet:Images:Endpoint", endpoint)
            .UseSetting("Fleet:Images:Bucket", S3Server.Bucket)
            .UseSetting("Fleet:Images:AccessKey", S3Server.AccessKey)
            .UseSetting("Fleet:Images:SecretKey", S3Server.SecretKey));
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Real("image/tiff", p => p.Scale(600, 400));
        var answer = await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var url = (string)answer.Json["url"]!;

        Assert.Equal(picture, await client.GetByteArrayAsync(url, Cancellation));
        using var part = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(1000, 1999) } };
        using var range = await client.SendAsync(part, Cancellation);
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(picture[1000..2000], await range.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync(url.Replace("?", "/256?", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.Created, (await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture))).Status);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(fleet.DataDirectory, "images", ".incoming")));
        Assert.DoesNotContain(fleet.Logs.Entries, e => e.Contains(S3Server.SecretKey, StringComparison.Ordinal));
    }
}
