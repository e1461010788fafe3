using System.Text.Json;
using FleetManager.Agent.Sync;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Events;
using FleetManager.Contracts.Sync;
using Microsoft.AspNetCore.Http;

namespace FleetManager.Agent.Tests.Sync;

public sealed class DrainTests : IAsyncLifetime
{
    private SyncFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await SyncFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Backlog_WhenBackupIsSwitchedOn_ReachesTheServerOnce()
    {
        await _fixture.AcceptAsync(250);
        _fixture.Start();
        Assert.Empty(_fixture.Server.Events);

        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.DrainedAsync();

        Assert.Equal(Enumerable.Range(1, 250).Select(n => (long)n), _fixture.Server.HeldNumbers(_fixture.Store.Epoch));
        Assert.Equal((250, 250), (_fixture.Store.Stats().BackedUp, _fixture.Store.Stats().AckedThrough));
        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.Idle, "idle");
    }

    [Fact]
    public async Task NewEvent_WhileIdle_IsSentAtOnce()
    {
        await _fixture.ApplyAsync(Documents.Backup(1));
        _fixture.Start();
        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.Idle, "idle");

        await _fixture.AcceptAsync(1);

        await _fixture.DrainedAsync();
    }

    [Fact]
    public async Task Event_OnTheWire_HasTheServersShape()
    {
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(1, useCase: null, "photo");
        _fixture.Start();
        await _fixture.DrainedAsync();

        var sent = Assert.Single(_fixture.Server.Events.Values);
        Assert.Equal("line", sent.GetProperty("useCaseId").GetString());
        Assert.Equal(SyncFixture.Device, sent.GetProperty("deviceId").GetString());
        Assert.Equal("custom", sent.GetProperty("eventType").GetString());
        Assert.Equal(JsonValueKind.Object, sent.GetProperty("eventData").ValueKind);
        Assert.Equal(1, sent.GetProperty("store").GetProperty("seq").GetInt64());
        var source = sent.GetProperty("images")[0].GetProperty("sourceId").GetString()!;
        Assert.Equal(Pictures.Jpeg("photo"), _fixture.Server.Images[source]);
    }

    [Fact]
    public async Task Image_OfManyEvents_IsUploadedOnce()
    {
        await _fixture.ApplyAsync(Documents.Backup(1, "\"batchSize\":5,\"concurrency\":4"));
        await _fixture.AcceptAsync(40, pictures: ["same", "other"]);
        _fixture.Start();
        await _fixture.DrainedAsync();

        Assert.Equal(2, _fixture.Server.Uploads);
        Assert.Equal(40, _fixture.Server.Events.Count);
    }

    [Fact]
    public async Task Images_SettingNone_StayOnTheDevice()
    {
        await _fixture.ApplyAsync(Documents.Backup(1, "\"images\":\"none\""));
        await _fixture.AcceptAsync(1, pictures: "photo");
        _fixture.Start();
        await _fixture.DrainedAsync();

        Assert.Equal(0, _fixture.Server.Uploads);
        Assert.False(Assert.Single(_fixture.Server.Events.Values).GetProperty("images")[0].TryGetProperty("sourceId", out _));
    }

    [Fact]
    public async Task Partial_RejectedItems_AreParkedOrTriedAgainAndTheRestIsHeld()
    {
        var refusals = 0;
        _fixture.Server.Judge = item => item.GetProperty("store").GetProperty("seq").GetInt64() switch
        {
            3 => new ItemResult(null, ItemStatus.Rejected, "use_case_unknown", "no use case line", Permanent: true),
            5 when Interlocked.Increment(ref refusals) <= 2 => new ItemResult(null, ItemStatus.Rejected, "busy", "later", Permanent: false),
            _ => null,
        };
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(10);
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");

        var stats = _fixture.Store.Stats();
        Assert.Equal((9, 1, 2), (stats.BackedUp, stats.Parked, stats.AckedThrough));
        Assert.Equal(new ParkedReason("use_case_unknown", "no use case line", 1), Assert.Single(stats.ParkedReasons));
        Assert.Equal(3, refusals);
    }

    [Fact]
    public async Task Answer_LostAfterTheCommit_IsReplayedWithoutDoubling()
    {
        var cuts = 0;
        _fixture.Server.CutAnswer = context => context.Request.Path == "/vision-events/batch" && Interlocked.Increment(ref cuts) <= 3;
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(120);
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");

        Assert.Equal(Enumerable.Range(1, 120).Select(n => (long)n), _fixture.Server.HeldNumbers(_fixture.Store.Epoch));
    }

    [Fact]
    public async Task Batch_SpoiledByOneEvent_IsHalvedUntilThatOneIsParked()
    {
        _fixture.Server.Before = async context =>
        {
            if (context.Request.Path != "/vision-events/batch")
            {
                return false;
            }

            context.Request.EnableBuffering();
            using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
            var poisoned = (await reader.ReadToEndAsync()).Contains("\"seq\":37}", StringComparison.Ordinal);
            context.Request.Body.Position = 0;
            if (poisoned)
            {
                await FakeServer.ErrorAsync(context, 400, "one of them is bad");
            }

            return poisoned;
        };
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(100);
        _fixture.Start();
        await _fixture.DrainedAsync();

        Assert.Equal((99, 1), (_fixture.Store.Stats().BackedUp, _fixture.Store.Stats().Parked));
        Assert.Equal(36, _fixture.Store.Stats().AckedThrough);
        Assert.Equal("http_400", _fixture.Store.Stats().ParkedReasons[0].Code);
    }

    [Fact]
    public async Task Image_ThatTheServerRefuses_ParksItsEventsOnly()
    {
        _fixture.Server.Before = async context =>
        {
            if (context.Request.Path != "/vision-events/upload")
            {
                return false;
            }

            await FakeServer.ErrorAsync(context, 413, "too large");
            return true;
        };
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(1, pictures: "huge");
        await _fixture.AcceptAsync(3);
        _fixture.Start();
        await _fixture.DrainedAsync();

        Assert.Equal((3, 1), (_fixture.Store.Stats().BackedUp, _fixture.Store.Stats().Parked));
        Assert.Equal(new ParkedReason("image_refused", "too large", 1), _fixture.Store.Stats().ParkedReasons[0]);
    }

    [Fact]
    public async Task EventsWithoutUseCase_AreParkedUntilThereIsADefault()
    {
        await _fixture.ApplyAsync(Documents.Of(1, """{"visionEventsBackup":{"enabled":true}}"""));
        await _fixture.AcceptAsync(3, useCase: null);
        await _fixture.AcceptAsync(2);
        _fixture.Start();
        await _fixture.DrainedAsync();
        Assert.Equal(("use_case_missing", 3), (_fixture.Store.Stats().ParkedReasons[0].Code, _fixture.Store.Stats().Parked));

        await _fixture.ApplyAsync(Documents.Backup(2));

        await Eventually.TrueAsync(() => _fixture.Store.Stats().BackedUp == 5, "all held");
        Assert.Equal(0, _fixture.Store.Stats().Parked);
    }

    [Fact]
    public async Task Parked_WhenBackupIsSwitchedOffAndOn_IsTriedAgain()
    {
        var isKnown = false;
        _fixture.Server.Judge = _ => isKnown ? null : new ItemResult(null, ItemStatus.Rejected, "use_case_unknown", "unknown", Permanent: true);
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(2);
        _fixture.Start();
        await Eventually.TrueAsync(() => _fixture.Store.Stats().Parked == 2, "parked");

        isKnown = true;
        await _fixture.ApplyAsync(Documents.Of(2, """{"visionEventsBackup":{"enabled":false}}"""));
        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.Disabled, "disabled");
        await _fixture.ApplyAsync(Documents.Backup(3));

        await Eventually.TrueAsync(() => _fixture.Store.Stats().BackedUp == 2, "held");
    }

    [Fact]
    public async Task DeleteAfterBackup_RemovesWhatIsHeldAndKeepsTheCount()
    {
        await _fixture.ApplyAsync(Documents.Backup(1, "\"deleteAfterBackup\":true"));
        await _fixture.AcceptAsync(5, pictures: "p");
        _fixture.Start();
        await _fixture.DrainedAsync();

        await Eventually.TrueAsync(() => _fixture.Store.Stats().Totals.Records == 0, "deleted");

        var stats = _fixture.Store.Stats();
        Assert.Equal((0, 0, 5, 6), (stats.Totals.Bytes, stats.Totals.Images, stats.BackedUp, stats.FirstSeq));
    }

    [Fact]
    public async Task Receipts_AtStart_MendWhatEitherSideForgot()
    {
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(5);
        _fixture.Start();
        await _fixture.DrainedAsync();
        var forgotten = _fixture.Server.Events.Single(e => e.Value.GetProperty("store").GetProperty("seq").GetInt64() == 2);
        _fixture.Server.Events.TryRemove(forgotten);

        _fixture.Time.Advance(TimeSpan.FromHours(7));
        _fixture.Wake(WakeReason.Work);

        await Eventually.TrueAsync(() => _fixture.Server.Events.Count == 5, "sent again");
    }

    [Fact]
    public async Task Losses_AreToldUntilTheServerHasThem()
    {
        var refusals = 0;
        _fixture.Server.Before = async context =>
        {
            if (context.Request.Path != "/agent/v1/losses" || Interlocked.Increment(ref refusals) > 2)
            {
                return false;
            }

            await FakeServer.ErrorAsync(context, 503, "busy");
            return true;
        };
        await _fixture.ApplyAsync(Documents.Of(1, """{"eventStore":{"maxRecords":3}}"""));
        await _fixture.AcceptAsync(5);
        await _fixture.ApplyAsync(Documents.Backup(2));
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => !_fixture.Server.Losses.IsEmpty, "told");
        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");

        Assert.Equal((1, 2, "store_full"), _fixture.Server.Losses.Select(l => (l.From, l.Through, l.Reason)).Single());
        Assert.Empty(_fixture.Store.UnreportedLosses(10));
        Assert.Equal(5, _fixture.Store.Stats().AckedThrough);
    }
}
