using System.Net;
using System.Net.Sockets;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.LocalApi;

public sealed class ListenerTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Port_Changed_MovesTheListener()
    {
        var before = _fixture.Url("/health");

        Assert.Null(await _fixture.ApplyAsync(_fixture.Settings with { Port = FakeBroker.FreePort() }));

        Assert.Equal(200, (await _fixture.GetAsync("/health")).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => _fixture.Client.GetAsync(before, Token));
    }

    [Fact]
    public async Task Port_Taken_IsAFaultAndTheOldListenerStays()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var before = _fixture.Server.Listening;

        var fault = await _fixture.ApplyAsync(_fixture.Settings with { Port = ((IPEndPoint)other.LocalEndpoint).Port });

        Assert.Equal(("apply", "port"), (fault!.Code, fault.Path));
        Assert.Contains("eventStore.port", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, _fixture.Server.Listening);
        Assert.Equal(200, (await _fixture.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task Address_OfAnotherHost_IsAFaultAndTheOldListenerComesBack()
    {
        var before = _fixture.Server.Listening;

        var fault = await _fixture.ApplyAsync(_fixture.Settings with { BindAddress = "192.0.2.1", ApiKey = "k" });

        Assert.Equal(("apply", "bindAddress"), (fault!.Code, fault.Path));
        Assert.Equal(before, _fixture.Server.Listening);
        Assert.Equal(200, (await _fixture.GetAsync("/v2/events/latest/query")).Status);
    }

    [Fact]
    public async Task Address_AllInterfacesOnTheSamePort_Moves()
    {
        Assert.Null(await _fixture.ApplyAsync(_fixture.Settings with { BindAddress = "0.0.0.0", ApiKey = "k" }));

        Assert.Equal(IPAddress.Any, _fixture.Server.Listening!.Address);
    }

    [Fact]
    public async Task Disabled_StopsListeningAndComesBack()
    {
        var url = _fixture.Url("/health");
        Assert.Null(await _fixture.ApplyAsync(_fixture.Settings with { Enabled = false }));
        await Assert.ThrowsAsync<HttpRequestException>(() => _fixture.Client.GetAsync(url, Token));

        Assert.Null(await _fixture.ApplyAsync(_fixture.Settings with { Enabled = true }));

        Assert.Equal(200, (await _fixture.GetAsync("/health")).Status);
    }

    [Fact]
    public async Task ApiKey_Set_IsAskedForEverywhereButHealth()
    {
        await _fixture.ApplyAsync(_fixture.Settings with { ApiKey = "secret" });

        Assert.Equal(401, (await _fixture.GetAsync("/v2/events/latest/query")).Status);
        Assert.Equal(401, (await _fixture.PostAsync("{}")).Status);
        Assert.Equal(200, (await _fixture.GetAsync("/health")).Status);
        _fixture.Client.DefaultRequestHeaders.Add("X-API-Key", "secret");
        Assert.Equal(200, (await _fixture.GetAsync("/v2/events/latest/query")).Status);
    }

    [Fact]
    public async Task RequestOfAForeignPage_IsRefused()
    {
        _fixture.Client.DefaultRequestHeaders.Add("Origin", "https://evil.example");

        Assert.Equal(403, (await _fixture.PostAsync("{}")).Status);
    }
}
