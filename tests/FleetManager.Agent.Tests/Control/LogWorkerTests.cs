using System.Text.Json;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Agent.Tests.Control;

/// <summary>The agent's log on its way to the server.</summary>
public sealed class LogWorkerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LogBatch> _taken = [];
    private readonly TemporaryFolder _folder = new();
    private LogBuffer _lines = null!;
    private LineRing<LogLine> _ring = null!;
    private FakeServer _server = null!;
    private ServerHttp _http = null!;
    private int? _refuse;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _lines = new LogBuffer(_time);
        _ring = new LineRing<LogLine>(_folder.Path, 7, new RingSize(32 * 1024, 4, IsFlushed: false), ContractsJson.Default.LogLine);
        _server = await FakeServer.StartAsync(TestContext.Current.CancellationToken);
        _server.Before = AnswerAsync;
        _http = new ServerHttp(_server.Address, "fd_key", _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _http.Dispose();
        await _server.DisposeAsync();
        _lines.Dispose();
        _ring.Dispose();
        _folder.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Lines_GoInOrderWithSeverityAndPart_AndOnlyOnce()
    {
        var log = _lines.CreateLogger("FleetManager.Agent.Sync.SyncWorker");
        Write(log, LogLevel.Information, "first");
        Write(log, LogLevel.Error, "second", new IOException("no\0 room"));
        Write(_lines.CreateLogger("Microsoft.Hosting"), LogLevel.Warning, new string('x', 5000));
        Start();

        await Eventually.TrueAsync(() => Taken().Count == 3, "sent");
        Assert.Equal(
            [(1L, "INFO", "sync", "first"), (2L, "ERROR", "sync", "second: no  room")],
            Taken().Take(2).Select(l => (l.Seq, l.Severity, l.Service, l.Message)));
        Assert.Equal(("WARN", "agent", LogBatch.MaxMessageLength), (Taken()[2].Severity, Taken()[2].Service, Taken()[2].Message.Length));

        Write(log, LogLevel.Information, "later");
        await AdvanceUntilAsync(() => Taken().Count == 4);
        Assert.Equal([1L, 2L, 3L, 4L], Taken().Select(l => l.Seq));
        Assert.All(_taken, b => Assert.Equal(7, b.Boot));
    }

    [Fact]
    public async Task Server_Away_LinesWaitAndWhatGaveWayIsSaid()
    {
        _refuse = StatusCodes.Status503ServiceUnavailable;
        var log = _lines.CreateLogger("FleetManager.Agent.Control.MqttLink");
        Start();
        for (var i = 1; i <= 2010; i++)
        {
            Write(log, LogLevel.Information, "one more");
        }

        await AdvanceUntilAsync(() => _server.Requests.Count >= 2);
        var leftOut = _ring.LeftOut;
        Assert.InRange(leftOut, 1, 2009);
        _refuse = null;
        await AdvanceUntilAsync(() => Taken().Any(l => l.Seq == 2011));

        Assert.Equal(Enumerable.Range((int)leftOut + 1, 2010 - (int)leftOut).Select(i => (long)i), Taken().Select(l => l.Seq).Where(s => s <= 2010));
        Assert.StartsWith($"{leftOut} earlier lines were left out", Taken().Single(l => l.Seq == 2011).Message, StringComparison.Ordinal);
        Assert.Equal(0, _ring.LeftOut);
        Assert.All(_taken, b => Assert.True(b.Lines.Count <= LogBatch.MaxLines));
    }

    [Fact]
    public async Task Lines_TooLongForOneBody_GoInSeveral()
    {
        const int Count = 60;
        _ring = new LineRing<LogLine>(_folder.Path, 7, RingSize.Log, ContractsJson.Default.LogLine);
        var log = _lines.CreateLogger("FleetManager.Agent.Sync.SyncWorker");
        for (var i = 0; i < Count; i++)
        {
            Write(log, LogLevel.Error, new string('é', LogBatch.MaxMessageLength));
        }

        Start();

        await Eventually.TrueAsync(() => Taken().Count == Count, "sent");
        Assert.InRange(_taken.Count, 2, Count / 10);
        Assert.All(_taken, b => Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(b, ContractsJson.Default.LogBatch).Length, 1, LogBatch.MaxBytes));
    }

    [Fact]
    public async Task Batch_ThatTheServerWillNeverTake_DoesNotHoldUpTheNext()
    {
        _refuse = StatusCodes.Status400BadRequest;
        var log = _lines.CreateLogger("FleetManager.Agent.Control.MqttLink");
        Write(log, LogLevel.Information, "bad");
        Start();
        await Eventually.TrueAsync(() => _ring.LeftOut > 0 || _server.Requests.Count > 1, "passed over");

        _refuse = null;
        Write(log, LogLevel.Information, "good");
        await AdvanceUntilAsync(() => Taken().Any(l => l.Message == "good"));

        Assert.DoesNotContain(Taken(), l => l.Message == "bad");
        await AdvanceUntilAsync(() => Taken().Any(l => l.Message.Contains("left out", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Lines_BeforeThereIsARing_WaitUpToABoundAndTheRestIsCounted()
    {
        var log = _lines.CreateLogger("FleetManager.Agent.Control.MqttLink");
        for (var i = 0; i < 507; i++)
        {
            Write(log, LogLevel.Information, "early");
        }

        Start();

        await AdvanceUntilAsync(() => Taken().Count == 501);
        Assert.StartsWith("7 lines were left out here", Taken()[^1].Message, StringComparison.Ordinal);
    }

    private static void Write(ILogger log, LogLevel level, string text, Exception? exception = null) => log.Log(level, default, text, exception, (t, _) => t);

    private void Start()
    {
        // What was said before there was a ring goes first.
        _lines.Attach(_ring);
        _running = new LogWorker(_ring, new AgentRoutes(_http), _time, NullLogger.Instance).RunAsync(_stop.Token);
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.TrueAsync(
        () =>
        {
            // Slowly: a request that the clock outruns is a request that timed out.
            _time.Advance(TimeSpan.FromSeconds(0.5));
            return condition();
        },
        "sent");

    private List<LogLine> Taken()
    {
        lock (_taken)
        {
            // As the server keeps them: what comes again adds nothing.
            return [.. _taken.SelectMany(b => b.Lines).DistinctBy(l => l.Seq)];
        }
    }

    private async Task<bool> AnswerAsync(HttpContext context)
    {
        Assert.Equal("/agent/v1/logs", context.Request.Path);
        if (_refuse is { } status)
        {
            await FakeServer.ErrorAsync(context, status, "not now");
            return true;
        }

        var batch = await context.Request.ReadFromJsonAsync(ContractsJson.Default.LogBatch);
        lock (_taken)
        {
            _taken.Add(batch!);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
