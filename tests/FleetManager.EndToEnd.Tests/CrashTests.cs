using System.Globalization;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>Promises G1, G2, G3 and G5 under fire: kill -9 of agent and server at random moments while a camera posts and the backup runs.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private const int ShortForm = 50;
    private const double EventsPerSecond = 8;
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(120);

    // The long form takes the better part of an hour, so it runs on demand: FLEET_CRASH_KILLS=1000.
    private static readonly int s_rounds = Environment.GetEnvironmentVariable("FLEET_CRASH_KILLS") is { Length: > 0 } kills
        ? int.Parse(kills, CultureInfo.InvariantCulture)
        : ShortForm;

    private readonly TestFleet _fleet = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _fleet.StartAsync(Cancellation);

    public async ValueTask DisposeAsync() => await _fleet.DisposeAsync();

    [Fact]
    [Trait("Faults", "crash-oracle")]
    public async Task Sync_AgentAndServerKilledAtRandom_EveryIssuedEventIsHeldOnce()
    {
        var seed = Environment.GetEnvironmentVariable("FLEET_CRASH_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"Repeat these kills with FLEET_CRASH_SEED={seed}");
        var useCase = await _fleet.Api.CreateUseCaseAsync("crash", Cancellation);
        await _fleet.EnableBackupAsync("crash", Cancellation);

        CameraSummary camera;
        IReadOnlyList<string> issued;
        await using (var process = CameraProcess.Start(_fleet.Agent.Store, EventsPerSecond, _fleet.Directory.At("ids"), "--distinct", "--patience=120"))
        {
            await KillAtRandomAsync(new Random(seed));
            camera = await process.StopAsync(Cancellation);
            issued = process.AcceptedIds();
        }

        Assert.Equal(0, camera.Refused);
        Assert.Equal(camera.Posted, issued.Count);
        Assert.True(issued.Count >= s_rounds, $"Only {issued.Count} events were posted under {s_rounds} kills.");
        var store = await _fleet.DrainedAsync(s_drain, Cancellation);
        var held = (await _fleet.Api.QueryAllAsync(useCase, Cancellation)).Select(e => (string)e["eventId"]!).ToList();

        Assert.Equal(held.Count, held.Distinct().Count());
        Assert.Empty(issued.Except(held));
        // What the server holds beyond the issued ids is an event whose 201 was lost with the connection: the camera knows how many may be.
        Assert.InRange(held.Except(issued).Count(), 0, camera.Unanswered);
        Assert.Equal(store.LastSeq, held.Count);
        Assert.Equal(0, store.ParkedRecords);
        Assert.Equal(0, store.DeclaredLostRecords);
    }

    private async Task KillAtRandomAsync(Random random)
    {
        // Each restarts on its own while the other is killed, so that some kills hit one whose peer is down.
        var (server, agent) = (Task.CompletedTask, Task.CompletedTask);
        var synced = 0L;
        for (var round = 0; round < s_rounds; round++)
        {
            var killsServer = random.Next(3) == 0;
            await (killsServer ? server : agent);
            if (random.Next(3) > 0)
            {
                // Most kills come while events flow; without this, a slow machine would see nothing but starts.
                await Task.WhenAll(server, agent);
                synced = await _fleet.Agent.SyncedBeyondAsync(synced, Cancellation);
            }

            // Not a wait for something: where the kill falls is what the round tries out.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500)), TimeProvider.System, Cancellation);
            if (killsServer)
            {
                await _fleet.Server.KillAsync();
                server = _fleet.Server.StartAsync(Cancellation);
            }
            else
            {
                await _fleet.Agent.KillAsync();
                agent = _fleet.Agent.StartAsync(Cancellation);
            }
        }

        await Task.WhenAll(server, agent);
    }
}
