using System.Threading.Channels;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Answers that are kept for two seconds, by a clock that the test moves; the test also is the database, and answers when it likes.</summary>
public sealed class MomentCacheTests
{
    private const int Crowd = 50;
    private static readonly TimeSpan s_keptFor = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly Channel<(string Key, TaskCompletionSource<string> Answer)> _asked = Channel.CreateUnbounded<(string, TaskCompletionSource<string>)>();
    private readonly MomentCache<string, string> _cache;

    public MomentCacheTests() => _cache = new(s_keptFor, _time);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_OfWhatIsNotKnown_WaitForOneLook()
    {
        var callers = GetMany();
        (await AskedAsync()).SetResult("a");

        Assert.All(await Task.WhenAll(callers), answer => Assert.Equal("a", answer));
        await AssertNothingElseAskedAsync();
    }

    [Fact]
    public async Task Callers_PastHalfTheTime_GoOnWithTheOldAnswerWhileOneLookRenewsIt()
    {
        await KnowAsync("old");

        _time.Advance(TimeSpan.FromSeconds(1));
        var callers = GetMany();
        var renewal = await AskedAsync();

        Assert.All(callers, c => Assert.True(c.IsCompletedSuccessfully));
        Assert.All(await Task.WhenAll(callers), answer => Assert.Equal("old", answer));
        renewal.SetResult("new");
        await Poll.UntilAsync(() => GetAsync(), answer => answer == "new");
        await AssertNothingElseAskedAsync();
    }

    /// <summary>What keeps a disabled key from working longer than was promised, when the database takes its time.</summary>
    [Fact]
    public async Task Callers_AtTheEndOfTheTime_WaitForTheRenewalThatIsUnderWay()
    {
        await KnowAsync("enabled");

        _time.Advance(s_keptFor - TimeSpan.FromTicks(1));
        Assert.Equal("enabled", await GetAsync());
        var renewal = await AskedAsync();
        _time.Advance(TimeSpan.FromTicks(1));
        var callers = GetMany();

        Assert.All(callers, c => Assert.False(c.IsCompleted));
        renewal.SetResult("disabled");
        Assert.All(await Task.WhenAll(callers), answer => Assert.Equal("disabled", answer));
        await AssertNothingElseAskedAsync();
    }

    [Fact]
    public async Task Caller_WhoComesTwoSecondsAfterALookBegan_DoesNotRelyOnIt()
    {
        var early = GetAsync();
        var slow = await AskedAsync();
        _time.Advance(s_keptFor);
        var late = GetAsync();
        var quick = await AskedAsync();

        quick.SetResult("disabled");
        Assert.Equal("disabled", await late);
        slow.SetResult("enabled");
        Assert.Equal("enabled", await early);

        Assert.Equal("disabled", await GetAsync());
        await AssertNothingElseAskedAsync();
    }

    /// <summary>The time of an answer counts from before its question: what changed between may not be in it.</summary>
    [Fact]
    public async Task Answer_ThatCameLate_IsKeptForLessTime()
    {
        var first = GetAsync();
        var slow = await AskedAsync();
        _time.Advance(s_keptFor - TimeSpan.FromTicks(1));
        slow.SetResult("enabled");
        Assert.Equal("enabled", await first);

        _time.Advance(TimeSpan.FromTicks(1));
        var next = GetAsync();
        (await AskedAsync()).SetResult("disabled");

        Assert.Equal("disabled", await next);
    }

    [Fact]
    public async Task Forget_BeforeOrDuringALook_TheNextCallerGetsWhatIsAskedAfterwards()
    {
        await KnowAsync("enabled");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("enabled", await GetAsync());
        var renewal = await AskedAsync();

        _cache.Forget();
        var next = GetAsync();
        var later = await AskedAsync();
        renewal.SetResult("enabled");
        later.SetResult("disabled");

        Assert.Equal("disabled", await next);
        Assert.Equal("disabled", await GetAsync());
    }

    [Fact]
    public async Task Look_ThatFails_IsToldToAllWhoWaitAndAskedAgainByTheNext()
    {
        var callers = GetMany();
        (await AskedAsync()).SetException(new TimeoutException("away"));
        foreach (var caller in callers)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => caller);
        }

        await KnowAsync("back");
    }

    [Fact]
    public async Task Caller_WhoAskedFirstAndGivesUp_TakesNobodyAlong()
    {
        using var given = new CancellationTokenSource();
        var first = _cache.GetAsync("key", FindAsync, given.Token);
        var second = GetAsync();
        var look = await AskedAsync();

        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        look.SetResult("a");

        Assert.Equal("a", await second);
    }

    [Fact]
    public async Task Keys_WithoutEnd_AreForgotten()
    {
        await KnowAsync("a");
        for (var i = 0; i < 10_000; i++)
        {
            await _cache.GetAsync($"guess {i}", _ => Task.FromResult("nothing"), Cancellation);
        }

        await KnowAsync("b");
    }

    private Task<string> GetAsync(string key = "key") => _cache.GetAsync(key, FindAsync, Cancellation);

    private List<Task<string>> GetMany() => [.. Enumerable.Range(0, Crowd).Select(_ => GetAsync())];

    /// <summary>Asks, as nothing is known, and answers.</summary>
    private async Task KnowAsync(string answer)
    {
        var caller = GetAsync();
        (await AskedAsync()).SetResult(answer);
        Assert.Equal(answer, await caller);
    }

    private async Task<TaskCompletionSource<string>> AskedAsync(string key = "key")
    {
        var (asked, answer) = await _asked.Reader.ReadAsync(Cancellation);
        Assert.Equal(key, asked);
        return answer;
    }

    /// <summary>The next look is the one that is asked for now.</summary>
    private async Task AssertNothingElseAskedAsync()
    {
        var caller = GetAsync("another");
        (await AskedAsync("another")).SetResult("x");
        await caller;
    }

    private Task<string> FindAsync(string key)
    {
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(_asked.Writer.TryWrite((key, answer)));
        return answer.Task;
    }
}
