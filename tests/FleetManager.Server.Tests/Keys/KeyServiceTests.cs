using FleetManager.Data;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Live;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Keys;

/// <summary>What time does to a key. Two services stand for two processes: what one changes, the other must follow within its two seconds.</summary>
public sealed class KeyServiceTests(FleetFixture fleets) : IClassFixture<FleetFixture>
{
    private static readonly Grantor s_admin = new("admin");

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Key_PastItsExpiry_RefusedWithTheTimeUntilItIsExtended(DatabaseKind kind)
    {
        var (here, there, workspace) = await StartAsync(kind);
        var made = await here.CreateAsync(workspace, new NewApiKey("x", null, _time.GetUtcNow().AddHours(1)), s_admin, Cancellation);
        Assert.NotNull((await there.RecogniseAsync(made.Secret!, Cancellation)).Caller);

        _time.Advance(TimeSpan.FromHours(1));
        var expired = await there.RecogniseAsync(made.Secret!, Cancellation);
        Assert.Equal(ApiKeyStatus.Expired, (await here.FindAsync(workspace, made.Key!.Id, Cancellation))!.Status);
        await here.ChangeAsync(workspace, made.Key.Id, new ApiKeyChange { ExpiresAt = null }, s_admin, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(expired.Caller);
        Assert.Contains($"expired at {made.Key.ExpiresAt:u}", expired.Refusal, StringComparison.Ordinal);
        Assert.NotNull((await there.RecogniseAsync(made.Secret!, Cancellation)).Caller);
    }

    [Theory, DatabaseData]
    public async Task OldSecret_PastItsOverlap_Refused(DatabaseKind kind)
    {
        var (here, there, workspace) = await StartAsync(kind);
        var made = await here.CreateAsync(workspace, new NewApiKey("x"), s_admin, Cancellation);
        var rolled = await here.RollAsync(workspace, made.Key!.Id, TimeSpan.FromMinutes(10), s_admin, Cancellation);

        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.NotNull((await there.RecogniseAsync(made.Secret!, Cancellation)).Caller);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Contains("was rolled", (await there.RecogniseAsync(made.Secret!, Cancellation)).Refusal, StringComparison.Ordinal);
        Assert.NotNull((await there.RecogniseAsync(rolled.Secret!, Cancellation)).Caller);
    }

    [Theory, DatabaseData]
    public async Task Key_EndedByAnotherProcess_RefusedTwoSecondsLater(DatabaseKind kind)
    {
        var (here, there, workspace) = await StartAsync(kind);
        var disabled = await here.CreateAsync(workspace, new NewApiKey("x"), s_admin, Cancellation);
        var deleted = await here.CreateAsync(workspace, new NewApiKey("x"), s_admin, Cancellation);
        foreach (var secret in new[] { disabled.Secret!, deleted.Secret! })
        {
            Assert.NotNull((await there.RecogniseAsync(secret, Cancellation)).Caller);
        }

        await here.ChangeAsync(workspace, disabled.Key!.Id, new ApiKeyChange { Disabled = true }, s_admin, Cancellation);
        await here.DeleteAsync(workspace, deleted.Key!.Id, s_admin, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Contains("is disabled", (await there.RecogniseAsync(disabled.Secret!, Cancellation)).Refusal, StringComparison.Ordinal);
        Assert.Contains("unknown", (await there.RecogniseAsync(deleted.Secret!, Cancellation)).Refusal, StringComparison.Ordinal);
    }

    /// <summary>A key that is asked for all the time is renewed while it is used: that must not carry it past the promise.</summary>
    [Theory, DatabaseData]
    public async Task BusyKey_DisabledByAnotherProcess_RefusedTwoSecondsLater(DatabaseKind kind)
    {
        var (here, there, workspace) = await StartAsync(kind);
        var made = await here.CreateAsync(workspace, new NewApiKey("x"), s_admin, Cancellation);
        var step = TimeSpan.FromMilliseconds(50);
        for (var busy = TimeSpan.Zero; busy < TimeSpan.FromSeconds(3); busy += step)
        {
            Assert.NotNull((await there.RecogniseAsync(made.Secret!, Cancellation)).Caller);
            _time.Advance(step);
        }

        await here.ChangeAsync(workspace, made.Key!.Id, new ApiKeyChange { Disabled = true }, s_admin, Cancellation);
        for (var since = TimeSpan.Zero; since < TimeSpan.FromSeconds(4); since += step)
        {
            var known = await there.RecogniseAsync(made.Secret!, Cancellation);
            Assert.True(known.Caller is null || since < TimeSpan.FromSeconds(2), $"The key still worked after {since}.");
            _time.Advance(step);
        }
    }

    [Theory, DatabaseData]
    public async Task Key_OfManyCallersAtOnce_IsLookedUpOnce(DatabaseKind kind)
    {
        var (here, _, workspace) = await StartAsync(kind);
        var made = await here.CreateAsync(workspace, new NewApiKey("x"), s_admin, Cancellation);
        var databases = new CountingFactory(await fleets.OnAsync(kind));
        var keys = new KeyService(databases, _time);

        for (var round = 1; round <= 3; round++)
        {
            var known = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => keys.RecogniseAsync(made.Secret!, Cancellation))));
            Assert.All(known, k => Assert.NotNull(k.Caller));
            Assert.Equal(round, databases.Opened);
            _time.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Theory, DatabaseData]
    public async Task LastUse_BusyKey_WrittenOnceAMinute(DatabaseKind kind)
    {
        var (here, there, workspace) = await StartAsync(kind);
        var made = await here.CreateAsync(workspace, new NewApiKey("x"), s_admin, Cancellation);
        Assert.Null(made.Key!.LastUsedAt);

        await there.RecogniseAsync(made.Secret!, Cancellation);
        var first = await LastUseAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        await there.RecogniseAsync(made.Secret!, Cancellation);
        Assert.Equal(first, await LastUseAsync());
        _time.Advance(TimeSpan.FromSeconds(31));
        await there.RecogniseAsync(made.Secret!, Cancellation);

        Assert.Equal(61, Math.Round((await LastUseAsync() - first)!.Value.TotalSeconds));

        async Task<DateTimeOffset?> LastUseAsync() => (await here.FindAsync(workspace, made.Key.Id, Cancellation))!.LastUsedAt;
    }

    [Theory, DatabaseData]
    public async Task Create_BeyondTheLimit_RefusedUntilOneIsDeleted(DatabaseKind kind)
    {
        var (here, _, _) = await StartAsync(kind);
        var fleet = await fleets.OnAsync(kind);
        var full = (await fleet.AddWorkspaceAsync("full")).Id;
        await using (var db = fleet.Open())
        {
            db.ApiKeys.AddRange(Enumerable.Range(0, ApiKeyService.MaxPerWorkspace).Select(i => new Data.Keys.ApiKey
            {
                WorkspaceId = full,
                Name = $"key {i}",
                Prefix = "fk_000000",
                Hash = $"{kind}{i}",
                CreatedAt = _time.GetUtcNow(),
                CreatedBy = "test",
            }));
            await db.SaveChangesAsync(Cancellation);
        }

        var refused = await here.CreateAsync(full, new NewApiKey("one more"), s_admin, Cancellation);
        var listed = await here.ListAsync(full, Cancellation);
        await here.DeleteAsync(full, listed[0].Id, s_admin, Cancellation);
        var made = await here.CreateAsync(full, new NewApiKey("one more"), s_admin, Cancellation);

        Assert.Equal(ApiKeyOutcome.TooMany, refused.Outcome);
        Assert.Equal(ApiKeyService.MaxPerWorkspace, listed.Count);
        Assert.NotNull(made.Secret);
    }

    private async Task<(ApiKeyService Here, KeyService There, int Workspace)> StartAsync(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var databases = fleet.Service<IDbContextFactory<FleetDb>>();
        var feed = new ChangeFeed(_time, NullLogger<ChangeFeed>.Instance);
        return (new ApiKeyService(databases, new KeyService(databases, _time), feed, _time), new KeyService(databases, _time), fleet.Workspace.Id);
    }
}
