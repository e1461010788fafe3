using FleetManager.Agent.Sync;

namespace FleetManager.Agent.Tests.Sync;

public sealed class RequestGateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_BeyondTheLimit_WaitForATurn()
    {
        var gate = new RequestGate(() => 2);
        await gate.EnterAsync(Token);
        await gate.EnterAsync(Token);

        var third = gate.EnterAsync(Token);
        Assert.False(third.IsCompleted);
        gate.Exit(answered: true);

        await third;
    }

    [Fact]
    public async Task Limit_HalvesWhenPushedBackAndGrowsWithAnswers()
    {
        var gate = new RequestGate(() => 8);
        Assert.Equal(8, gate.Limit);

        gate.BackOff();
        Assert.Equal(4, gate.Limit);
        gate.BackOff();
        gate.BackOff();
        gate.BackOff();
        Assert.Equal(1, gate.Limit);

        for (var i = 0; i < 100; i++)
        {
            await gate.EnterAsync(Token);
            gate.Exit(answered: true);
        }

        Assert.Equal(8, gate.Limit);
    }

    [Fact]
    public async Task Limit_AfterFailuresOnly_DoesNotGrow()
    {
        var gate = new RequestGate(() => 4);
        gate.BackOff();
        for (var i = 0; i < 50; i++)
        {
            await gate.EnterAsync(Token);
            gate.Exit(answered: false);
        }

        Assert.Equal(2, gate.Limit);
    }

    [Fact]
    public async Task Settings_LoweredOrRaised_HoldAtOnce()
    {
        var most = 1;
        var gate = new RequestGate(() => most);
        await gate.EnterAsync(Token);
        most = 3;
        await gate.EnterAsync(Token);
        await gate.EnterAsync(Token);

        most = 1;
        gate.Exit(answered: true);
        Assert.False(gate.EnterAsync(Token).IsCompleted);
    }

    [Fact]
    public async Task Waiter_ThatGivesUp_TakesNoTurn()
    {
        using var gone = new CancellationTokenSource();
        var gate = new RequestGate(() => 1);
        await gate.EnterAsync(Token);
        var first = gate.EnterAsync(gone.Token);
        var second = gate.EnterAsync(Token);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Exit(answered: true);

        await second;
    }
}
