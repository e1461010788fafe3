using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using FleetManager.Agent.Control;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.Processes;

public sealed class KillTests : IAsyncLifetime
{
    private const int Producers = 8;

    // The long form of the crash oracle without a real server: FLEET_CRASH_KILLS=1000, repeated by FLEET_CRASH_SEED.
    private static readonly int s_rounds = Number("FLEET_CRASH_KILLS") ?? 4;
    private static readonly int s_seed = Number("FLEET_CRASH_SEED") ?? Random.Shared.Next();

    private AgentFixture _fixture = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _fixture = await AgentFixture.CreateAsync();
        await _fixture.EnrollAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    [Trait("Faults", "crash-oracle")]
    public async Task Killed_WhileTakingAndSending_LosesNoEventThatItAcknowledged()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"Repeat these kills with FLEET_CRASH_SEED={s_seed}");
        var random = new Random(s_seed);
        var acknowledged = new ConcurrentDictionary<string, bool>();
        _fixture.Server.Desired = Documents.Backup(1, "\"batchSize\":10");
        await _fixture.SendAsync(_fixture.Server.Desired);
        for (var round = 0; round < s_rounds; round++)
        {
            await using var agent = AgentProcess.Run(_fixture.Folder, _fixture.Port);
            var enough = acknowledged.Count + random.Next(20, 200);
            var producers = Enumerable.Range(0, Producers).Select(_ => ProduceAsync(agent, acknowledged)).ToList();
            await Eventually.TrueAsync(() => acknowledged.Count >= enough, $"{enough} acknowledged");
            await agent.KillAsync();
            await Task.WhenAll(producers);
        }

        await using var last = AgentProcess.Run(_fixture.Folder, _fixture.Port);
        await Eventually.TrueAsync(() => acknowledged.Keys.All(_fixture.Server.Events.ContainsKey), $"{acknowledged.Count} held");

        StatusDocument? status;
        while ((status = await StatusSocket.AskAsync(_fixture.Folder, Token)) is null)
        {
            // All of it may be held before the last one is up.
            Assert.False(last.HasExited);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }

        Assert.Equal(0, status.Sync.DeclaredLostRecords);
        await Eventually.TrueAsync(() => _fixture.Server.HeldNumbers(status.Sync.Epoch).Count == status.Sync.LastSeq, "without a gap");
        Assert.Equal(Enumerable.Range(1, (int)status.Sync.LastSeq).Select(n => (long)n), _fixture.Server.HeldNumbers(status.Sync.Epoch));
        Assert.Equal(0, await last.StopAsync());
        var (exit, output, _) = await AgentProcess.CommandAsync("verify", "--data-dir", _fixture.Folder);
        Assert.True(exit == 0, output);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : null;

    private async Task ProduceAsync(AgentProcess agent, ConcurrentDictionary<string, bool> acknowledged)
    {
        var picture = Pictures.Base64(Guid.NewGuid().ToString());
        while (!agent.HasExited)
        {
            try
            {
                using var body = new StringContent(
                    $$"""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{"base64Image":"{{picture}}"}]}""");
                using var answer = await _fixture.Client.PostAsync(new Uri($"http://127.0.0.1:{_fixture.Port}/v2/events"), body, Token);
                Assert.Equal(201, (int)answer.StatusCode);
                acknowledged[(await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!] = true;
            }
            catch (HttpRequestException)
            {
                // Not up yet, or killed: without an answer nothing was promised.
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
            }
        }
    }
}
