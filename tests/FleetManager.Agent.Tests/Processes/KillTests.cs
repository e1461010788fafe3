using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using FleetManager.Agent.Control;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.Processes;

public sealed class KillTests : IAsyncLifetime
{
    private const int Rounds = 4;
    private const int Producers = 8;

    private AgentFixture _fixture = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _fixture = await AgentFixture.CreateAsync();
        await _fixture.EnrollAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Killed_WhileTakingAndSending_LosesNoEventThatItAcknowledged()
    {
        var acknowledged = new ConcurrentDictionary<string, bool>();
        _fixture.Server.Desired = Documents.Backup(1, "\"batchSize\":10");
        await _fixture.SendAsync(_fixture.Server.Desired);
        for (var round = 0; round < Rounds; round++)
        {
            await using var agent = AgentProcess.Run(_fixture.Folder, _fixture.Port);
            var enough = acknowledged.Count + Random.Shared.Next(20, 200);
            var producers = Enumerable.Range(0, Producers).Select(_ => ProduceAsync(agent, acknowledged)).ToList();
            await Eventually.TrueAsync(() => acknowledged.Count >= enough, $"{enough} acknowledged");
            await agent.KillAsync();
            await Task.WhenAll(producers);
        }

        await using var last = AgentProcess.Run(_fixture.Folder, _fixture.Port);
        await Eventually.TrueAsync(() => acknowledged.Keys.All(_fixture.Server.Events.ContainsKey), $"{acknowledged.Count} held");

        // All may be held from before the last kill, and then this comes before the agent answers.
        StatusDocument? status;
        while ((status = await StatusSocket.AskAsync(_fixture.Folder, Token)) is null)
        {
            Assert.False(last.HasExited);
        }

        Assert.Equal(0, status!.Sync.DeclaredLostRecords);
        await Eventually.TrueAsync(() => _fixture.Server.HeldNumbers(status.Sync.Epoch).Count == status.Sync.LastSeq, "without a gap");
        Assert.Equal(Enumerable.Range(1, (int)status.Sync.LastSeq).Select(n => (long)n), _fixture.Server.HeldNumbers(status.Sync.Epoch));
        Assert.Equal(0, await last.StopAsync());
    }

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
