using FleetManager.Server.Features.Accounts;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Accounts;

public sealed class SignInGateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Window_Over_OpensAgain()
    {
        var gate = new SignInGate(_time);
        for (var i = 0; i < SignInGate.AttemptsPerEmail; i++)
        {
            Assert.True(gate.TryEnter("ann", "a"));
        }

        Assert.False(gate.TryEnter("ann", "a"));
        _time.Advance(TimeSpan.FromMinutes(15));
        Assert.True(gate.TryEnter("ann", "a"));
    }

    [Fact]
    public void Success_ClearsTheEmailsCount()
    {
        var gate = new SignInGate(_time);
        for (var i = 0; i < SignInGate.AttemptsPerEmail; i++)
        {
            gate.TryEnter("ann", "a");
        }

        gate.Succeeded("ann", "a");

        Assert.True(gate.TryEnter("ann", "a"));
    }

    [Fact]
    public void Address_ManyEmails_Closed()
    {
        var gate = new SignInGate(_time);
        for (var i = 0; i < SignInGate.AttemptsPerAddress; i++)
        {
            Assert.True(gate.TryEnter($"user{i}", "a"));
        }

        Assert.False(gate.TryEnter("fresh", "a"));
        Assert.True(gate.TryEnter("fresh", "b"));
    }
}
