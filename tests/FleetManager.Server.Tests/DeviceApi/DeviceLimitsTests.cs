using System.Net;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>How often the history of a device may be written and read, to the request and by a clock that the test moves.</summary>
public sealed class DeviceLimitsTests
{
    private readonly FakeTimeProvider _time = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task LogWrites_SixtyAMinuteAndDevice_ThenRefusedKeepingNothingUntilTheMinuteIsOver(DatabaseKind kind)
    {
        await using var fleet = await StartAsync(kind);
        var device = await fleet.AddDeviceAsync();
        using var agent = fleet.ClientFor(device.Secret);
        using var other = fleet.ClientFor((await fleet.AddDeviceAsync("other")).Secret);

        for (var seq = 1; seq <= 60; seq++)
        {
            Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(agent, seq)).Status);
        }

        AssertRefused(await SendAsync(agent, 61), seconds: 60);
        _time.Advance(TimeSpan.FromSeconds(59.5));
        AssertRefused(await SendAsync(agent, 61), seconds: 1);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(other, 1)).Status);
        Assert.Equal(60, await KeptAsync());

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(agent, 61)).Status);
        Assert.Equal(61, await KeptAsync());

        async Task<int> KeptAsync()
        {
            await using var db = fleet.Open();
            return await db.DeviceLogs.CountAsync(l => l.DeviceKey == device.Key, Cancellation);
        }
    }

    /// <summary>Whoever sends at once gets no more than whoever sends in turn.</summary>
    [Fact]
    public async Task LogWrites_AllAtOnce_SixtyPass()
    {
        await using var fleet = await StartAsync(DatabaseKind.Sqlite);
        using var agent = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);

        var answers = await Task.WhenAll(Enumerable.Range(1, 100).Select(seq => SendAsync(agent, seq)));

        Assert.Equal(60, answers.Count(a => a.Status == HttpStatusCode.NoContent));
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.NoContent), a => AssertRefused(a, seconds: 60));
    }

    [Fact]
    public async Task LogReads_FiveAMinuteAndAddress()
    {
        await using var fleet = await StartAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        var device = await fleet.AddDeviceAsync();
        Task<Answer> ReadAsync() => client.GetForAnswerAsync($"{DeviceFleets.Root}/{device.Id}/logs");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await ReadAsync()).Status);
        }

        AssertRefused(await ReadAsync(), seconds: 60);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync()).Status);
    }

    [Fact]
    public async Task TelemetryReads_TenInTenSecondsAndDevice_WhateverOthersAsk()
    {
        await using var fleet = await StartAsync(DatabaseKind.Sqlite);
        var (device, other) = (await fleet.AddDeviceAsync(), await fleet.AddDeviceAsync("other"));
        using var client = await fleet.KeyClientAsync();
        using var stranger = fleet.ClientFor(await fleet.MintKeyAsync(await fleet.AddWorkspaceAsync("burst")));
        using var neighbour = fleet.ClientFor((await fleet.AddDeviceAsync("neighbour")).Secret);
        Task<Answer> ReadAsync(HttpClient caller, TestDevice of) => caller.GetForAnswerAsync($"{DeviceFleets.Root}/{of.Id}/telemetry");

        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(_ => new[] { stranger, neighbour }).Select(caller => ReadAsync(caller, device)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => ReadAsync(client, device)));

        Assert.Equal(10, answers.Count(a => a.Status == HttpStatusCode.OK));
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.OK), a => AssertRefused(a, seconds: 10));
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(client, other)).Status);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync(client, device)).Status);
    }

    private Task<FleetApplication> StartAsync(DatabaseKind kind) =>
        FleetApplication.StartAsync(kind, web => web.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(_time)));

    private static Task<Answer> SendAsync(HttpClient agent, int seq) => agent.PostJsonAsync(
        "/agent/v1/logs", $$"""{"boot":1,"lines":[{"seq":{{seq}},"at":"2026-03-01T12:00:00Z","severity":"INFO","service":"sync","message":"m"}]}""");

    private static void AssertRefused(Answer answer, int seconds)
    {
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.Equal(TimeSpan.FromSeconds(seconds), answer.Headers.RetryAfter!.Delta);
        Assert.Contains($"send the next one in {seconds} s", answer.Error, StringComparison.Ordinal);
    }
}
