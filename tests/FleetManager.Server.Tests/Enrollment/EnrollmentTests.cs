using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Messaging;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Messaging;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Enrollment;

public sealed class EnrollmentTests
{
    private static readonly HardwareSummary s_hardware = new("cam-7", "Linux", "6.1", "x64", 4, 1 << 30, 1L << 40);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Enroll_GoodToken_MakesADeviceThatCanConnect(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        using var client = fleet.ClientFor();
        var key = Secret.New(Secret.DeviceKeyPrefix);

        var (status, answer, _) = await EnrollAsync(client, await TokenAsync(fleet), key);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("cam-7", "default", "127.0.0.1", fleet.Service<DeviceLink>().Port), (answer!.Name, answer.Workspace, answer.Mqtt.Host, answer.Mqtt.Port));
        var view = await fleet.Service<DeviceService>().FindAsync(fleet.Workspace.Id, answer.DeviceId, Cancellation);
        Assert.Equal((PresenceKind.Unknown, "1.2.3", s_hardware), (view!.Presence.State, view.AgentVersion, view.Hardware));
        Assert.True(DeviceId.TryParse(answer.DeviceId, out var id));
        await using var agent = await FakeAgent.ConnectedAsync(fleet, new TestDevice(id, 0, key));
        await using var db = fleet.Open();
        Assert.Equal(answer.DeviceId, (await db.AuditEntries.SingleAsync(a => a.Action == "device.enrolled", Cancellation)).Subject);
        Assert.DoesNotContain(await db.Devices.Select(d => d.KeyHash).ToListAsync(Cancellation), h => h!.Contains(key, StringComparison.Ordinal));
    }

    [Theory, DatabaseData]
    public async Task Enroll_FiftyAtOnceOnTenUses_ExactlyTenWin(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        using var client = fleet.ClientFor();
        var token = await TokenAsync(fleet, uses: 10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix))));

        Assert.Equal(10, answers.Count(a => a.Status == HttpStatusCode.OK));
        Assert.Equal(40, answers.Count(a => a.Status == HttpStatusCode.Gone));
        Assert.Equal(10, answers.Where(a => a.Answer is not null).Select(a => a.Answer!.DeviceId).Distinct().Count());
        await using var db = fleet.Open();
        Assert.Equal((10, 0), (await db.Devices.CountAsync(Cancellation), (await db.EnrollmentTokens.SingleAsync(Cancellation)).UsesLeft));
    }

    [Theory, DatabaseData]
    public async Task Enroll_AnswerLost_SameTokenAndKeyGiveTheSameDeviceAndCountNoUse(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        using var client = fleet.ClientFor();
        var token = await TokenAsync(fleet, uses: 2);
        var key = Secret.New(Secret.DeviceKeyPrefix);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => EnrollAsync(client, token, key)));

        Assert.Single(answers.Select(a => a.Answer!.DeviceId).Distinct());
        await using var db = fleet.Open();
        Assert.Equal(1, (await db.EnrollmentTokens.SingleAsync(Cancellation)).UsesLeft);

        // Another device uses the token up; the first may still ask again.
        Assert.Equal(HttpStatusCode.OK, (await EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix))).Status);
        Assert.Equal(answers[0].Answer!.DeviceId, (await EnrollAsync(client, token, key)).Answer!.DeviceId);
        Assert.Equal(HttpStatusCode.Gone, (await EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix))).Status);
    }

    [Fact]
    public async Task Enroll_Refusals_SayWhatIsWrong()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var fleet = await FleetApplication.StartAsync(configure: web =>
            web.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(time)));
        using var client = fleet.ClientFor();
        var token = await TokenAsync(fleet, uses: 5);
        var key = Secret.New(Secret.DeviceKeyPrefix);
        await EnrollAsync(client, token, key);

        await RefusedAsync(HttpStatusCode.BadRequest, "deviceKey", EnrollAsync(client, token, "fd_short"));
        await RefusedAsync(HttpStatusCode.BadRequest, "deviceKey", EnrollAsync(client, token, key.ToUpperInvariant()));
        await RefusedAsync(HttpStatusCode.BadRequest, "name", EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix), new string('n', 101)));
        await RefusedAsync(HttpStatusCode.BadRequest, "already", EnrollAsync(client, await TokenAsync(fleet), key));
        await RefusedAsync(HttpStatusCode.Unauthorized, "unknown", EnrollAsync(client, Secret.New(Secret.EnrollmentTokenPrefix), key));
        time.Advance(TimeSpan.FromHours(1));
        await RefusedAsync(HttpStatusCode.Gone, "expired", EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix)));
        foreach (var body in new[] { "{", "[]", "null", "{}", "\"x\"" })
        {
            var response = await client.PostAsync("/agent/v1/enroll", new StringContent(body), Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.NotEmpty((await response.Content.ReadFromJsonAsync(ContractsJson.Default.ErrorAnswer, Cancellation))!.Error);
        }
    }

    [Fact]
    public async Task Enroll_Guessing_IsSlowedDownAndHoldsUpNobodyElse()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var fleet = await FleetApplication.StartAsync(configure: web =>
            web.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(time)));
        using var client = fleet.ClientFor();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await EnrollAsync(client, Secret.New(Secret.EnrollmentTokenPrefix), Secret.New(Secret.DeviceKeyPrefix))).Status);
        }

        var refused = await client.PostAsJsonAsync("/agent/v1/enroll", Request(Secret.New(Secret.EnrollmentTokenPrefix), Secret.New(Secret.DeviceKeyPrefix)), ContractsJson.Default.EnrollRequest, Cancellation);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(1), refused.Headers.RetryAfter!.Delta);

        // Whoever has a good token is not held up by a neighbour who guesses.
        Assert.Equal(HttpStatusCode.OK, (await EnrollAsync(client, await TokenAsync(fleet), Secret.New(Secret.DeviceKeyPrefix))).Status);

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await EnrollAsync(client, Secret.New(Secret.EnrollmentTokenPrefix), Secret.New(Secret.DeviceKeyPrefix))).Status);
    }

    [Fact]
    public async Task TokenRoute_Scripts_MakeTokensThatDevicesCanNot()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = await fleet.KeyClientAsync(Scopes.DeviceUpdate);
        using var reader = await fleet.KeyClientAsync(Scopes.DeviceRead);
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);

        var made = await client.PostAsJsonAsync("/api/v1/enrollment-tokens", JsonElement.Parse("""{"uses":3,"lifetimeSeconds":60}"""), Cancellation);

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("token").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync("/api/v1/enrollment-tokens", JsonElement.Parse("""{"uses":10001}"""), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync("/api/v1/enrollment-tokens", JsonElement.Parse("""{"lifetimeSeconds":9000000000}"""), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsync("/api/v1/enrollment-tokens", null, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await device.PostAsync("/api/v1/enrollment-tokens", null, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await client.PostAsync("/api/v1/enrollment-tokens", null, Cancellation)).StatusCode);
    }

    private static Task<string> TokenAsync(FleetApplication fleet, int uses = 1) =>
        fleet.Service<EnrollmentService>().CreateTokenAsync(fleet.Workspace.Id, uses, EnrollmentService.DefaultLifetime, "ann", Cancellation);

    private static EnrollRequest Request(string token, string key, string? name = null) => new(token, key, name, "1.2.3", s_hardware);

    [Fact]
    public async Task Enroll_DatabaseRefuses_IsTheServersFaultAndNotTheKeys()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = fleet.ClientFor();
        var token = await TokenAsync(fleet);
        await using var db = fleet.Open();
        await db.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER refuse BEFORE INSERT ON devices BEGIN SELECT RAISE(ABORT, 'refused'); END", Cancellation);

        await RefusedAsync(HttpStatusCode.InternalServerError, "The server failed", EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix)));

        await db.Database.ExecuteSqlRawAsync("DROP TRIGGER refuse", Cancellation);
        Assert.Equal(HttpStatusCode.OK, (await EnrollAsync(client, token, Secret.New(Secret.DeviceKeyPrefix))).Status);
    }

    [Theory, DatabaseData]
    public async Task Enroll_ControlCharacters_AreRefusedByName(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        using var client = fleet.ClientFor();
        var request = new EnrollRequest(await TokenAsync(fleet), Secret.New(Secret.DeviceKeyPrefix), "press", "1.0", s_hardware);

        await RefusedAsync(HttpStatusCode.BadRequest, "agentVersion", EnrollAsync(client, request with { AgentVersion = "1\0" }));
        await RefusedAsync(HttpStatusCode.BadRequest, "hardware", EnrollAsync(client, request with { Hardware = s_hardware with { Platform = "Li\0nux" } }));
    }

    private static Task<(HttpStatusCode Status, EnrollAnswer? Answer, string? Error)> EnrollAsync(HttpClient client, string token, string key, string? name = null) =>
        EnrollAsync(client, Request(token, key, name));

    private static async Task<(HttpStatusCode Status, EnrollAnswer? Answer, string? Error)> EnrollAsync(HttpClient client, EnrollRequest body)
    {
        using var response = await client.PostAsJsonAsync("/agent/v1/enroll", body, ContractsJson.Default.EnrollRequest, Cancellation);
        return response.IsSuccessStatusCode
            ? (response.StatusCode, await response.Content.ReadFromJsonAsync(ContractsJson.Default.EnrollAnswer, Cancellation), null)
            : (response.StatusCode, null, (await response.Content.ReadFromJsonAsync(ContractsJson.Default.ErrorAnswer, Cancellation))!.Error);
    }

    private static async Task RefusedAsync(HttpStatusCode status, string word, Task<(HttpStatusCode Status, EnrollAnswer? Answer, string? Error)> enroll)
    {
        var refused = await enroll;
        Assert.Equal(status, refused.Status);
        Assert.Contains(word, refused.Error, StringComparison.Ordinal);
    }
}
