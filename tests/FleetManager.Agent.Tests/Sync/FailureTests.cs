using FleetManager.Agent.Sync;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts.Sync;
using Microsoft.AspNetCore.Http;

namespace FleetManager.Agent.Tests.Sync;

public sealed class FailureTests : IAsyncLifetime
{
    private SyncFixture _fixture = null!;
    private volatile int _status;

    public async ValueTask InitializeAsync()
    {
        _fixture = await SyncFixture.CreateAsync();
        _fixture.Server.Before = async context =>
        {
            if (_status == 0)
            {
                return false;
            }

            if (_status is 429 or 503)
            {
                context.Response.Headers.RetryAfter = "40";
            }

            await FakeServer.ErrorAsync(context, _status, "as the test wants");
            return true;
        };
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RetryAfter_IsObeyedWhateverWakesTheLoop(int status)
    {
        await StartFailingAsync(status, SyncPhase.Backoff);
        Assert.Equal(TimeSpan.FromSeconds(40), _fixture.Status.PauseLeft);
        var requests = _fixture.Server.Requests.Count;
        _status = 0;

        _fixture.Time.Advance(TimeSpan.FromSeconds(39));
        _fixture.Wake(WakeReason.Network | WakeReason.Settings | WakeReason.Work);
        Assert.Equal(TimeSpan.FromSeconds(1), _fixture.Status.PauseLeft);
        Assert.Equal(requests, _fixture.Server.Requests.Count);

        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await _fixture.DrainedAsync();
        Assert.Equal($"http_{status}", _fixture.Status.Snapshot().LastError!.Code);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Unauthorized_IsAPhaseOfItsOwnAndRecovers(int status)
    {
        await StartFailingAsync(status, SyncPhase.Unauthorized);
        Assert.Equal(TimeSpan.FromMinutes(1), _fixture.Status.PauseLeft);

        _status = 0;
        _fixture.Time.Advance(TimeSpan.FromSeconds(61));

        await _fixture.DrainedAsync();
        Assert.Equal((5, 0), (_fixture.Store.Stats().BackedUp, _fixture.Store.Stats().Parked));
    }

    [Fact]
    public async Task ServerError_BacksOffAndRecoversAtOnceWhenTheServerIsSeenAgain()
    {
        await StartFailingAsync(500, SyncPhase.Backoff);
        _status = 0;

        _fixture.Wake(WakeReason.Network);

        await _fixture.DrainedAsync();
    }

    [Fact]
    public async Task ForeignAnswer_ParksNothing()
    {
        _fixture.Server.Before = context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("<html>captive portal</html>").ContinueWith(_ => true, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        };
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(5);
        _fixture.Start();

        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.Backoff, "backoff");
        Assert.Equal((5, 0), (_fixture.Store.Stats().Pending, _fixture.Store.Stats().Parked));
        Assert.Equal("foreign_answer", _fixture.Status.Snapshot().LastError!.Code);
    }

    [Fact]
    public async Task ServerGone_IsOfflineAndTheBacklogGrowsThenDrains()
    {
        _fixture.Server.Before = context =>
        {
            if (_status != 0)
            {
                context.Abort();
            }

            return Task.FromResult(_status != 0);
        };
        _status = 1;
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(5);
        _fixture.Start();
        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.Offline, "offline");
        await _fixture.AcceptAsync(5);
        Assert.Equal(10, _fixture.Store.Stats().Pending);

        _status = 0;

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");
        Assert.Equal(10, _fixture.Server.Events.Count);
    }

    [Fact]
    public async Task ServerHangs_IsGivenUpAndTriedAgain()
    {
        _fixture.Server.Before = async context =>
        {
            if (_status != 0)
            {
                var aborted = new TaskCompletionSource();
                await using var registration = context.RequestAborted.Register(aborted.SetResult);
                await aborted.Task;
            }

            return _status != 0;
        };
        _status = 1;
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(5);
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Phase == SyncPhase.Offline, "given up");
        Assert.Equal("timeout", _fixture.Status.Snapshot().LastError!.Code);
        _status = 0;

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");
    }

    [Fact]
    public async Task Upload_InterruptedMidway_IsNotRepeatedForWhatTheServerHas()
    {
        var uploads = 0;
        _fixture.Server.Before = async context =>
        {
            if (context.Request.Path != "/vision-events/upload" || Interlocked.Increment(ref uploads) != 3)
            {
                return false;
            }

            await FakeServer.ErrorAsync(context, 502, "bad gateway");
            return true;
        };
        await _fixture.ApplyAsync(Documents.Backup(1, "\"concurrency\":1"));
        await _fixture.AcceptAsync(1, "line", "a", "b", "c", "d");
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");

        Assert.Equal(5, uploads);
    }

    [Fact]
    public async Task Image_ThatCanNotBeRead_ParksItsEventAndNotTheQueue()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a file whose reading fails is made with /proc");
        await _fixture.ApplyAsync(Documents.Backup(1, "\"batchSize\":1"));
        var arrival = Arrivals.New(pictures: "bad block");
        await _fixture.Store.AcceptAsync(arrival, TestContext.Current.CancellationToken);
        await _fixture.AcceptAsync(2, "line", "good");
        File.Delete(_fixture.Store.ImagePath(arrival.Images[0].Hash));
        File.CreateSymbolicLink(_fixture.Store.ImagePath(arrival.Images[0].Hash), "/proc/self/mem");

        _fixture.Start();

        await _fixture.DrainedAsync();
        Assert.Equal((2, 1), (_fixture.Store.Stats().BackedUp, _fixture.Store.Stats().Parked));
        Assert.Equal("image_unreadable", _fixture.Store.Stats().ParkedReasons.Single().Code);
    }

    [Fact]
    public async Task BandwidthCap_SharedByManyUploads_LetsEachEnd()
    {
        await _fixture.ApplyAsync(Documents.Backup(1, "\"concurrency\":8,\"maxBytesPerSecond\":1000"));
        await _fixture.AcceptAsync(1, "line", [.. Enumerable.Range(0, 8).Select(i => new string((char)('a' + i), 100_000))]);
        _fixture.Start();

        await _fixture.PassTimeUntilAsync(() => _fixture.Store.Stats().Pending == 0, "drained");

        Assert.Null(_fixture.Status.Snapshot().LastError);
    }

    [Fact]
    public async Task AnswerThatNamesNoEvent_AcknowledgesNothing()
    {
        _fixture.Server.Before = async context =>
        {
            if (context.Request.Path == "/vision-events/batch")
            {
                context.Response.StatusCode = 201;
                await context.Response.WriteAsync("""{"results":[{},null,{"eventId":"other","status":"created"}]}""");
                return true;
            }

            return false;
        };
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(3);
        _fixture.Start();

        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.Backoff, "backoff");
        Assert.Equal((3, 0), (_fixture.Store.Stats().Pending, _fixture.Store.Stats().BackedUp));
    }

    [Fact]
    public async Task ServerRestoredFromABackup_GetsEventsAndImagesAgain()
    {
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(2, "line", "picture");
        _fixture.Start();
        await _fixture.DrainedAsync();
        _fixture.Server.Events.Clear();
        _fixture.Server.Images.Clear();

        await _fixture.PassTimeUntilAsync(
            () =>
            {
                _fixture.Time.Advance(TimeSpan.FromHours(1));
                return _fixture.Server.Events.Count == 2;
            },
            "sent again");

        Assert.Single(_fixture.Server.Images);
    }

    [Fact]
    public async Task WindowClosed_SendsNothingUntilItOpens()
    {
        // The clock of the test stands at noon of a Monday.
        await _fixture.ApplyAsync(Documents.Backup(1, "\"windows\":[{\"days\":[\"mon\"],\"from\":\"13:00\",\"to\":\"14:00\"}]"));
        await _fixture.AcceptAsync(3);
        _fixture.Start();
        await Eventually.TrueAsync(() => _fixture.Phase == SyncPhase.WindowClosed, "closed");
        Assert.Empty(_fixture.Server.Requests);

        _fixture.Time.Advance(TimeSpan.FromMinutes(61));

        await _fixture.DrainedAsync();
    }

    private async Task StartFailingAsync(int status, SyncPhase phase)
    {
        _status = status;
        await _fixture.ApplyAsync(Documents.Backup(1));
        await _fixture.AcceptAsync(5);
        _fixture.Start();
        await Eventually.TrueAsync(() => _fixture.Phase == phase, $"{phase}; {_fixture.Status.Snapshot()}");
    }
}
