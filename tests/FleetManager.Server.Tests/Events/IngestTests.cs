using System.Net;
using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Setup;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FleetManager.Server.Tests.Events;

/// <summary>The way from the queue to the commit: full, refused, away, stopping.</summary>
public sealed class IngestTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queue_WhenFull_Is503WithRetryAfterAndDrainsAfterwards()
    {
        var gate = new GatedWriter();
        await using var fleet = await StartAsync(gate);
        var useCase = await fleet.AddUseCaseAsync("Full");
        using var client = await fleet.KeyClientAsync();
        var body = $$"""{"eventType":"custom","useCaseId":"{{useCase}}"}""";
        var first = client.PostJsonAsync("/vision-events", body);
        await gate.Entered.Task.WaitAsync(Cancellation);
        var queue = fleet.Service<IngestQueue>();
        var waiting = Enumerable.Range(0, IngestQueue.Capacity).Select(i => queue.WriteAsync([Row(fleet, $"q{i}")], new HashSet<string>())).ToList();

        var refused = await client.PostJsonAsync("/vision-events", body);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Contains("busy", refused.Error, StringComparison.Ordinal);
        gate.Open();
        Assert.Equal(HttpStatusCode.Created, (await first).Status);
        await Task.WhenAll(waiting);
        Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", body)).Status);
    }

    [Theory, DatabaseData]
    public async Task Requests_ThousandsAtOnce_AreStoredOrAskedToComeAgainAndNoneIsBoth(DatabaseKind kind)
    {
        // More than one group and the whole queue hold, so that some must be turned away while the gate is shut.
        const int Crowd = 3200;
        const int MostTaken = 2000 + IngestQueue.Capacity;
        var gate = new GatedWriter();
        await using var fleet = await StartAsync(gate, kind);
        var useCase = await fleet.AddUseCaseAsync("Crowd");
        using var client = await fleet.KeyClientAsync();
        var body = $$"""{"eventType":"custom","useCaseId":"{{useCase}}"}""";
        var refused = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var requests = Enumerable.Range(0, Crowd).Select(async _ =>
        {
            var answer = await client.PostJsonAsync("/vision-events", body);
            if (answer.Status != HttpStatusCode.Created && Interlocked.Increment(ref refused) == Crowd - MostTaken)
            {
                enough.SetResult();
            }

            return answer;
        }).ToList();
        await enough.Task.WaitAsync(Cancellation);
        gate.Open();
        var answers = await Task.WhenAll(requests);

        Assert.All(answers.Where(a => a.Status != HttpStatusCode.Created), a =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, a.Status);
            Assert.Equal(TimeSpan.FromSeconds(1), a.Headers.RetryAfter!.Delta);
        });
        await using var db = fleet.Open();
        Assert.Equal(answers.Count(a => a.Status == HttpStatusCode.Created), await db.Events.CountAsync(Cancellation));
        Assert.Equal(0, fleet.Service<IngestBudget>().Taken);
    }

    [Fact]
    public async Task WaitingRequests_AreWrittenTogether()
    {
        var gate = new GatedWriter();
        await using var fleet = await StartAsync(gate);
        var queue = fleet.Service<IngestQueue>();
        var first = queue.WriteAsync([Row(fleet, "first")], new HashSet<string>());
        await gate.Entered.Task.WaitAsync(Cancellation);
        var others = Enumerable.Range(0, 50).Select(i => queue.WriteAsync([Row(fleet, $"{i}")], new HashSet<string>())).ToList();

        gate.Open();
        await Task.WhenAll([first, .. others]);

        Assert.Equal([1, 50], gate.Groups);
    }

    [Fact]
    public async Task Group_WithARequestTheDatabaseRefuses_HarmsOnlyThatRequest()
    {
        var gate = new GatedWriter();
        await using var fleet = await StartAsync(gate);
        var queue = fleet.Service<IngestQueue>();
        var first = queue.WriteAsync([Row(fleet, "first")], new HashSet<string>());
        await gate.Entered.Task.WaitAsync(Cancellation);
        var good = queue.WriteAsync([Row(fleet, "good")], new HashSet<string>());
        var bad = Row(fleet, "bad");
        bad.Event.EventType = null!;
        var refused = queue.WriteAsync([bad], new HashSet<string>());
        var better = queue.WriteAsync([Row(fleet, "better")], new HashSet<string>());

        gate.Open();

        await Assert.ThrowsAsync<SqliteException>(() => refused);
        Assert.Equal([WriteResult.Created], await first);
        Assert.Equal([WriteResult.Created], await good);
        Assert.Equal([WriteResult.Created], await better);
    }

    /// <summary>As when events are deleted, in another order, that are overwritten at the same moment.</summary>
    [Fact]
    public async Task Request_ThatADeadlockEnds_IsWrittenAgainAndAtLastAskedToComeAgain()
    {
        var gate = new GatedWriter();
        await using var fleet = await StartAsync(gate);
        var useCase = await fleet.AddUseCaseAsync("Deadlock");
        using var client = await fleet.KeyClientAsync();
        var body = $$"""{"eventType":"custom","useCaseId":"{{useCase}}"}""";
        gate.Open();

        gate.Deadlocks = 4;
        Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", body)).Status);
        gate.Deadlocks = 5;
        var refused = await client.PostJsonAsync("/vision-events", body);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Equal(0, gate.Deadlocks);
    }

    /// <summary>No such event is known; were there one, its device would send its batch for ever.</summary>
    [Fact]
    public async Task PartialBatch_WithAnEventTheDatabaseRefuses_StoresTheOthersAndRejectsIt()
    {
        var gate = new GatedWriter { Refused = "bad" };
        await using var fleet = await StartAsync(gate);
        var useCase = await fleet.AddUseCaseAsync("Refused");
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        gate.Open();
        var events = string.Join(',', "1 bad 2".Split(' ').Select(id => $$"""{"eventId":"{{id}}","eventType":"custom","useCaseId":"{{useCase}}"}"""));

        var answer = await device.PostJsonAsync("/vision-events/batch?partial=true", $$"""{"events":[{{events}},{"eventType":"custom"}]}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(
            ["created -", "rejected invalid", "created -", "rejected use_case_missing"],
            answer.Json["results"]!.AsArray().Select(r => $"{r!["status"]} {(string?)r["code"] ?? "-"}"));
        Assert.Equal(["1", "2"], answer.Json["eventIds"]!.AsArray().Select(i => (string)i!));
        Assert.Single(fleet.Logs.Entries, e => e.Contains("refuses event bad", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_WithWaitingRequests_WritesThemAndRefusesNewOnes()
    {
        var gate = new GatedWriter();
        await using var fleet = await StartAsync(gate);
        var queue = fleet.Service<IngestQueue>();
        var first = queue.WriteAsync([Row(fleet, "1")], new HashSet<string>());
        await gate.Entered.Task.WaitAsync(Cancellation);
        var second = queue.WriteAsync([Row(fleet, "2")], new HashSet<string>());

        var stop = fleet.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<IngestWorker>().Single().StopAsync(Cancellation);

        await Assert.ThrowsAsync<BusyException>(() => queue.WriteAsync([Row(fleet, "3")], new HashSet<string>()));
        gate.Open();
        await stop;
        Assert.Equal([WriteResult.Created], await first);
        Assert.Equal([WriteResult.Created], await second);
    }

    [Fact]
    public async Task Database_ThatIsAway_Is503WithRetryAfterOnEveryRouteAndNever500()
    {
        await using var fleet = await FleetApplication.StartAsync(DatabaseKind.Postgres);
        var useCase = await fleet.AddUseCaseAsync("Away");
        using var client = await fleet.KeyClientAsync();
        var body = $$"""{"eventType":"custom","useCaseId":"{{useCase}}"}""";
        Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", body)).Status);

        await fleet.DropDatabaseAsync();

        foreach (var (path, content) in new[] { ("/vision-events", body), ("/vision-events/batch?partial=true", $$"""{"events":[{{body}}]}"""), ("/vision-events/query", body) })
        {
            var answer = await client.PostJsonAsync(path, content);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter!.Delta);
            Assert.Contains("database", answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Budget_WhenSpent_Is503AndGivenBackAfterEveryAnswer()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = await fleet.KeyClientAsync();
        var budget = fleet.Service<IngestBudget>();
        const long All = 256L * 1024 * 1024;
        budget.Take(All);

        var refused = await client.PostJsonAsync("/vision-events", "{}");
        budget.Give(All);
        var read = await client.PostJsonAsync("/vision-events", "{}");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(HttpStatusCode.BadRequest, read.Status);
        Assert.Equal(0, budget.Taken);
    }

    private static EventRow Row(FleetApplication fleet, string id) => new(
        new VisionEvent
        {
            WorkspaceId = fleet.Workspace.Id,
            EventId = id,
            UseCaseKey = 1,
            EventType = "custom",
            Timestamp = fleet.Workspace.CreatedAt,
            ReceivedAt = fleet.Workspace.CreatedAt,
            ContentHash = [1],
        },
        null);

    private static Task<FleetApplication> StartAsync(GatedWriter gate, DatabaseKind kind = DatabaseKind.Sqlite) => FleetApplication.StartAsync(
        kind,
        host => host.ConfigureTestServices(services =>
        {
            var real = services.Single(s => s.ServiceType == typeof(IEventWriter));
            services.Remove(real);
            services.AddSingleton<IEventWriter>(s => gate.Around((IEventWriter)(real.ImplementationFactory?.Invoke(s) ?? ActivatorUtilities.CreateInstance(s, real.ImplementationType!))));
        }));

    /// <summary>The real writer behind a gate that the test opens.</summary>
    private sealed class GatedWriter : IEventWriter
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IEventWriter _inner = null!;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<int> Groups { get; } = [];

        public int Deadlocks { get; set; }

        /// <summary>Id of an event that the database takes no group with.</summary>
        public string? Refused { get; set; }

        public int Writers => 1;

        public GatedWriter Around(IEventWriter inner)
        {
            _inner = inner;
            return this;
        }

        public void Open() => _opened.SetResult();

        public async Task<IReadOnlyList<WriteResult>> WriteAsync(IReadOnlyList<EventRow> rows, CancellationToken cancellationToken)
        {
            Entered.TrySetResult();
            await _opened.Task;
            Groups.Add(rows.Count);
            if (Deadlocks > 0)
            {
                Deadlocks--;
                throw new PostgresException("deadlock detected", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected);
            }

            return rows.Any(r => r.Event.EventId == Refused)
                ? throw new PostgresException("index row size exceeds the maximum", "ERROR", "ERROR", PostgresErrorCodes.ProgramLimitExceeded)
                : await _inner.WriteAsync(rows, cancellationToken);
        }
    }
}
