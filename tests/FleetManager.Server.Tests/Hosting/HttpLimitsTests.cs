using System.Net;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events.Ingest;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>How much of the server those may hold who connect and say nothing. The crowd itself is in the end-to-end tests.</summary>
public sealed class HttpLimitsTests
{
    [Fact]
    public async Task Connections_BeyondTheLimit_AreClosedAndTheOthersStayServed()
    {
        const int Limit = 100;
        await using var fleet = await FleetApplication.StartAsync(configure: host => host.UseSetting("Fleet:Http:MaxConnections", $"{Limit}"));
        using var client = await fleet.KeyClientAsync();
        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync("/vision-events/use-cases")).Status);
        var silent = new List<RawConnection>();
        for (var i = 0; i < Limit; i++)
        {
            silent.Add(await RawConnection.OpenAsync(fleet));
        }

        // With the client's own they are one too many. The server looks at several at once, so that it need not be the last one that has to go.
        await await Task.WhenAny(silent.Select(c => c.UntilClosedAsync()));

        Assert.Equal(HttpStatusCode.OK, (await client.GetForAnswerAsync("/vision-events/use-cases")).Status);
        silent.ForEach(c => c.Dispose());
        await Poll.UntilAsync(async () => await IsServedAsync(fleet), served => served);
    }

    /// <summary>Many more than the database takes connections: who only dawdles may hold none of those.</summary>
    [Theory, DatabaseData]
    public async Task Bodies_ThatAreSentSlowly_HoldNothingOfTheDatabase(DatabaseKind kind)
    {
        const int Crowd = 400;
        const int FirstBuffer = 4096;
        await using var fleet = await FleetApplication.StartAsync(kind, host => host.ConfigureTestServices(
            services => services.PostConfigure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null)));
        var useCase = await fleet.AddUseCaseAsync("Honest");
        var key = await fleet.MintKeyAsync();
        using var honest = fleet.ClientFor(key);
        var crowd = new List<RawConnection>();
        for (var i = 0; i < Crowd; i++)
        {
            crowd.Add(await RawConnection.OpenAsync(fleet));
            await crowd[^1].SendAsync($"POST /vision-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 4000000\r\n\r\n{{");
        }

        await Poll.UntilAsync(() => Task.FromResult(fleet.Service<IngestBudget>().Taken), taken => taken >= Crowd * FirstBuffer);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => honest.PostJsonAsync("/vision-events", $$"""{"eventType":"custom","useCaseId":"{{useCase}}"}""")));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.Status));
        Assert.InRange(fleet.Service<IngestBudget>().Taken, Crowd * FirstBuffer, 2 * Crowd * FirstBuffer);
        crowd.ForEach(c => c.Dispose());
        await Poll.UntilAsync(() => Task.FromResult(fleet.Service<IngestBudget>().Taken), taken => taken == 0);
    }

    [Fact]
    public async Task Limits_OfSlowSenders_AreThoseOfTheListener()
    {
        await using var fleet = await FleetApplication.StartAsync();

        var limits = fleet.Service<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.InRange(limits.MaxConcurrentConnections!.Value, 100, 20_000);
        Assert.Equal(TimeSpan.FromSeconds(15), limits.RequestHeadersTimeout);
        Assert.Equal((240, TimeSpan.FromSeconds(5)), (limits.MinRequestBodyDataRate!.BytesPerSecond, limits.MinRequestBodyDataRate.GracePeriod));
        Assert.Equal((240, TimeSpan.FromSeconds(5)), (limits.MinResponseDataRate!.BytesPerSecond, limits.MinResponseDataRate.GracePeriod));
    }

    private static async Task<bool> IsServedAsync(FleetApplication fleet)
    {
        using var connection = await RawConnection.OpenAsync(fleet);
        await connection.SendAsync("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        return await connection.TryReadAsync() is { Status: 200 };
    }
}
