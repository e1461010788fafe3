using System.Net;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Images;

/// <summary>Links that open one image without a key.</summary>
public sealed class LinkTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Link_OfAnUpload_OpensTheImageAndItsPicturesWithoutAKey(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var picture = Pictures.Real("image/png", p => p.Comment = Guid.NewGuid().ToString());
        var url = await UploadAsync(fleet, picture);
        using var nobody = fleet.ClientFor();

        Assert.Equal(picture, await nobody.GetByteArrayAsync(url, Cancellation));
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetForAnswerAsync(url.Replace("?", "/256?", StringComparison.Ordinal))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetForAnswerAsync(url.Replace("?", "/none?", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task Link_ThatWasChanged_Is403AndSaysWhatToDo()
    {
        var fleet = await fixture.OnAsync(DatabaseKind.Sqlite);
        var url = await UploadAsync(fleet, Pictures.Jpeg());
        var other = await UploadAsync(fleet, Pictures.Jpeg());
        var signature = url[(url.IndexOf("sig=", StringComparison.Ordinal) + 4)..];
        using var nobody = fleet.ClientFor();

        foreach (var changed in new[]
        {
            other[..other.IndexOf('?', StringComparison.Ordinal)] + url[url.IndexOf('?', StringComparison.Ordinal)..],
            url.Replace($"ws={fleet.Workspace.Id}", "ws=999", StringComparison.Ordinal),
            url.Replace("expires=", "expires=9", StringComparison.Ordinal),
            url.Replace("expires=", "e=", StringComparison.Ordinal),
            url.Replace(signature, "", StringComparison.Ordinal),
            url.Replace(signature, signature[1..], StringComparison.Ordinal),
            url.Replace(signature, new string('A', signature.Length), StringComparison.Ordinal),
            url.Replace(signature, Uri.EscapeDataString("ä\0"), StringComparison.Ordinal),
            url + "&sig=" + signature,
        })
        {
            var answer = await nobody.GetForAnswerAsync(changed);
            Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
            Assert.Contains("expired or was changed", answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Link_AfterItsTime_Is403AndTheSameAllDay()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
        await using var fleet = await FleetApplication.StartAsync(configure: host => host.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var picture = Pictures.Jpeg();
        var url = await UploadAsync(fleet, picture);
        time.AdjustTime(time.GetUtcNow() + TimeSpan.FromHours(15));
        using var nobody = fleet.ClientFor();

        Assert.Equal(url, await UploadAsync(fleet, picture));
        time.AdjustTime(time.GetUtcNow() + TimeSpan.FromDays(7));
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetForAnswerAsync(url)).Status);
        time.AdjustTime(time.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.GetForAnswerAsync(url)).Status);
        Assert.NotEqual(url, await UploadAsync(fleet, picture));
    }

    [Fact]
    public async Task Link_OfOneImage_OpensNothingElseAndIsNotLogged()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var url = await UploadAsync(fleet, Pictures.Jpeg());
        var query = url[url.IndexOf('?', StringComparison.Ordinal)..];
        using var nobody = fleet.ClientFor();

        Assert.Equal(HttpStatusCode.OK, (await nobody.GetForAnswerAsync(url)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetForAnswerAsync("/vision-events/use-cases" + query)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.PostForAnswerAsync("/vision-events/upload" + query, Pictures.Upload(Pictures.Jpeg()))).Status);
        using var reader = await fleet.KeyClientAsync("vision-events:write");
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetForAnswerAsync(url)).Status);
        Assert.DoesNotContain(fleet.Logs.Entries, e => e.Contains("sig=", StringComparison.Ordinal));
        var secret = Path.Combine(fleet.DataDirectory, "keys", "image-links.key");
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(secret) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    private static async Task<string> UploadAsync(FleetApplication fleet, byte[] picture)
    {
        using var client = await fleet.KeyClientAsync();
        return (string)(await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture))).Json["url"]!;
    }
}
