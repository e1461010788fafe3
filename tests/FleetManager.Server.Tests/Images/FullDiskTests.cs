using System.Diagnostics;
using System.Net;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Images;

public sealed class FullDiskTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_ToAFullDisk_Is503LeavesNothingAndWorksWhenThereIsRoom()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = await fleet.KeyClientAsync();
        var images = Path.Combine(fleet.DataDirectory, "images");
        var mounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", images);
        Assert.SkipWhen(mounted is not null, $"a small disk can not be mounted here: {mounted}");
        try
        {
            var answer = await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(Pictures.Jpeg(2_000_000)));

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Contains("disk of the image store is full", answer.Error, StringComparison.Ordinal);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Empty(Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories));
            await using var db = fleet.Open();
            Assert.False(await db.Images.AnyAsync(Cancellation));
            Assert.Equal(HttpStatusCode.Created, (await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(Pictures.Jpeg(500_000)))).Status);
        }
        finally
        {
            Assert.Null(await RunAsync("umount", images));
        }
    }

    /// <summary>Null, or why it failed.</summary>
    private static async Task<string?> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var said = await process.StandardError.ReadToEndAsync(Cancellation);
            await process.WaitForExitAsync(Cancellation);
            return process.ExitCode == 0 ? null : said.Trim();
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            return fault.Message;
        }
    }
}
