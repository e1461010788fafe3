using System.Net;
using FleetManager.Data.Images;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Images;

/// <summary>Images go when no event that can be seen names them, and not before.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(s_start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Sweep_Images_OnlyThoseUnusedForTwoDaysBeforeTheWindow(DatabaseKind kind)
    {
        await using var fleet = await StartAsync(kind);
        var other = await fleet.AddWorkspaceAsync("other");
        var forgotten = await UploadAsync(fleet);
        var named = await UploadAsync(fleet);
        var again = Pictures.Real("image/bmp");
        var uploaded = await UploadAsync(fleet, again);
        var elsewhere = await UploadAsync(fleet, workspace: other);
        using (var client = await fleet.KeyClientAsync())
        {
            await client.GetByteArrayAsync($"/vision-events/images/{uploaded}/256", Cancellation);
        }

        Pass(TimeSpan.FromDays(1));
        Assert.Single(await fleet.Service<ImageDirectory>().FindAsync(fleet.Workspace.Id, [named], Cancellation));
        await UploadAsync(fleet, again);
        var sweep = fleet.Service<ImageRetention>();

        Assert.Equal(0, await sweep.SweepAsync(fleet.Workspace.Id, s_start.AddDays(2), Cancellation));
        Pass(TimeSpan.FromDays(2).Add(TimeSpan.FromMinutes(1)));
        Assert.Equal(1, await sweep.SweepAsync(fleet.Workspace.Id, s_start.AddDays(2).AddMinutes(1), Cancellation));
        var found = await fleet.Service<ImageDirectory>().FindAsync(fleet.Workspace.Id, [forgotten, named, uploaded], Cancellation);
        Assert.Equal(new[] { named, uploaded }.Order(), found.Keys.Order());

        Pass(TimeSpan.FromDays(30));
        Assert.Equal(2, await sweep.SweepAsync(fleet.Workspace.Id, s_start.AddDays(30), Cancellation));
        Assert.Equal([elsewhere], (await RowsAsync(fleet)).Select(r => r.SourceId));
        Assert.Equal(1, Files(fleet, "images"));
        Assert.Equal(0, Files(fleet, "renditions"));
    }

    [Theory, DatabaseData]
    public async Task Named_Images_AreWrittenDownEveryTwelveHoursAndNotMore(DatabaseKind kind)
    {
        await using var fleet = await StartAsync(kind);
        var ids = new[] { await UploadAsync(fleet), await UploadAsync(fleet) };
        var directory = fleet.Service<ImageDirectory>();

        Pass(TimeSpan.FromHours(12));
        Assert.Equal(ids.Length, (await directory.FindAsync(fleet.Workspace.Id, ids, Cancellation)).Count);
        Assert.All(await RowsAsync(fleet), r => Assert.Equal(s_start, r.LastUsedAt));

        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(ids.Length, (await directory.FindAsync(fleet.Workspace.Id, ids, Cancellation)).Count);
        Assert.All(await RowsAsync(fleet), r => Assert.Equal(_time.GetUtcNow(), r.LastUsedAt));
    }

    [Theory, DatabaseData]
    public async Task Sweep_AFloorOfTomorrow_NeverTakesWhatIsInUse(DatabaseKind kind)
    {
        await using var fleet = await StartAsync(kind);
        await UploadAsync(fleet);
        Pass(TimeSpan.FromHours(47));

        Assert.Equal(0, await fleet.Service<ImageRetention>().SweepAsync(fleet.Workspace.Id, s_start.AddYears(1), Cancellation));
    }

    /// <summary>The same bytes come in again and again while the sweep deletes them: whoever was answered 201 finds them.</summary>
    [Theory, DatabaseData]
    public async Task Sweep_BesideUploadsOfTheSameBytes_NeverLeavesARowWithoutBytes(DatabaseKind kind)
    {
        await using var fleet = await StartAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var pictures = Enumerable.Range(0, 8).Select(_ => Pictures.Jpeg()).ToList();
        foreach (var picture in pictures)
        {
            await UploadAsync(fleet, picture);
        }

        for (var round = 0; round < 5; round++)
        {
            Pass(TimeSpan.FromDays(10));
            var sweep = fleet.Service<ImageRetention>().SweepAsync(fleet.Workspace.Id, _time.GetUtcNow().AddDays(-1), Cancellation);
            var uploads = pictures.Concat(pictures).Select(p => client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(p)));
            Assert.All(await Task.WhenAll(uploads), a => Assert.Equal(HttpStatusCode.Created, a.Status));
            await sweep;
            foreach (var picture in pictures)
            {
                Assert.Equal(picture, await client.GetByteArrayAsync($"/vision-events/images/{Pictures.SourceIdOf(picture)}", Cancellation));
            }

            Assert.Equal(pictures.Count, Files(fleet, "images"));
        }
    }

    [Fact]
    public async Task Sweep_StoreThatFails_StopsThereAndGoesOnNextTime()
    {
        var store = new StubbornStore();
        await using var fleet = await FleetApplication.StartAsync(configure: host => host.ConfigureTestServices(
            s => s.AddSingleton<TimeProvider>(_time).AddSingleton<IImageStore>(store)));
        await UploadAsync(fleet);
        await UploadAsync(fleet);
        Pass(TimeSpan.FromDays(10));

        Assert.Equal(1, await fleet.Service<ImageRetention>().SweepAsync(fleet.Workspace.Id, _time.GetUtcNow(), Cancellation));
        Assert.Single(await RowsAsync(fleet));
        Assert.Contains(fleet.Logs.Entries, e => e.Contains("only take up space", StringComparison.Ordinal));
        store.Fails = false;
        Assert.Equal(1, await fleet.Service<ImageRetention>().SweepAsync(fleet.Workspace.Id, _time.GetUtcNow(), Cancellation));
    }

    /// <summary>Without the ticks of all timers of all those days.</summary>
    private void Pass(TimeSpan time) => _time.AdjustTime(_time.GetUtcNow() + time);

    private Task<FleetApplication> StartAsync(DatabaseKind kind) =>
        FleetApplication.StartAsync(kind, host => host.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(_time)));

    private static async Task<string> UploadAsync(FleetApplication fleet, byte[]? picture = null, Data.Workspaces.Workspace? workspace = null)
    {
        using var client = fleet.ClientFor(await fleet.MintKeyAsync(workspace ?? fleet.Workspace));
        var answer = await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture ?? Pictures.Jpeg()));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return (string)answer.Json["sourceId"]!;
    }

    private static async Task<List<Image>> RowsAsync(FleetApplication fleet)
    {
        await using var db = fleet.Open();
        return await db.Images.AsNoTracking().ToListAsync(Cancellation);
    }

    private static int Files(FleetApplication fleet, string folder) =>
        Directory.EnumerateFiles(Path.Combine(fleet.DataDirectory, folder), "*", SearchOption.AllDirectories).Count();

    private sealed class StubbornStore : IImageStore
    {
        public bool Fails { get; set; } = true;

        public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task KeepAsync(string incomingPath, ImageKey key, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<bool> ExistsAsync(ImageKey key, CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<Stream?> OpenAsync(ImageKey key, CancellationToken cancellationToken) => Task.FromResult<Stream?>(null);

        public Task DeleteAsync(ImageKey key, CancellationToken cancellationToken) => Fails ? throw new IOException("no") : Task.CompletedTask;
    }
}
