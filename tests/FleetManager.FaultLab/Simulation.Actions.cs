using System.Globalization;
using FleetManager.Agent.EventStore;
using FleetManager.FaultLab.Model;
using FleetManager.FaultLab.Network;

namespace FleetManager.FaultLab;

/// <summary>What may go wrong in a run.</summary>
[Flags]
internal enum Faults
{
    Network = 1,
    Server = 2,
    Power = 4,
    Disk = 8,
    Clock = 16,
    Settings = 32,
    All = Network | Server | Power | Disk | Clock | Settings,
}

internal sealed partial class Simulation
{
    private static readonly TimeSpan[] s_steps =
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromHours(7)];

    private List<(int Weight, Func<Task> Act)> Actions(Faults faults)
    {
        var actions = new List<(int, Func<Task>)>
        {
            (30, () => AcceptAsync(_random.Next(1, 9))),
            (25, PassTimeAsync),
            (2, RestartAsync),
            (1, RetryParkedAsync),
        };
        Add(Faults.Network, 8, () => Say($"network {_network.Faults = NetworkFaults.Draw(_random)}"));
        Add(Faults.Network, 4, SwitchNetwork);
        Add(Faults.Server, 5, () => Say($"server {_server.Mood = (ServerMood)_random.Next(5)}"));
        Add(Faults.Server, 3, () => _server.Mood = ServerMood.Up);
        Add(Faults.Server, 2, () => _server.TiredRate = _random.Next(2) == 0 ? 0 : 0.3);
        Add(Faults.Server, 1, BackUpOrRestore);
        Add(Faults.Power, 10, () => _disk.DieAfter(_random.Next(1, 60), power: _random.Next(3) > 0));
        Add(Faults.Power, 2, () => _disk.Die(power: _random.Next(3) > 0));
        Add(Faults.Disk, 4, () => Say($"disk errors {_disk.ErrorRate = (_random.Next(2) == 0 ? 0 : _random.NextDouble() * 0.2)}"));
        Add(Faults.Disk, 3, () => Say($"disk capacity {_disk.Capacity = (_random.Next(2) == 0 ? null : _random.Next(100_000, 2_000_000))}"));
        Add(Faults.Clock, 4, JumpClock);
        Add(Faults.Settings, 5, () => Want(Wish.Draw(_random)));
        Add(Faults.Settings, 2, OfferBad);
        return actions;

        void Add(Faults kind, int weight, Action act)
        {
            if (faults.HasFlag(kind))
            {
                actions.Add((weight, () =>
                {
                    act();
                    return Task.CompletedTask;
                }));
            }
        }
    }

    private void Say(FormattableString what) => _trace.Say(what.ToString(CultureInfo.InvariantCulture));

    private Task PassTimeAsync()
    {
        var step = s_steps[_random.Next(s_steps.Length)];
        _trace.Say($"time passes: {step}");
        _clock.Advance(step);
        return Task.CompletedTask;
    }

    private async Task RestartAsync()
    {
        await StopAsync();
        _server.ForgetPauses();
        await EnsureStartedAsync();
    }

    private async Task RetryParkedAsync()
    {
        try
        {
            await _device!.Store.RetryParkedAsync(code: null, CancellationToken.None);
        }
        catch (StoreFailedException)
        {
            // What the operator who asked for it is told.
        }
    }

    private void SwitchNetwork()
    {
        _network.IsUp = !_network.IsUp;
        Say($"network up: {_network.IsUp}");
        if (_network.IsUp)
        {
            _device!.NetworkReturned();
        }
    }

    private void BackUpOrRestore()
    {
        if (_random.Next(3) > 0)
        {
            _server.TakeBackup();
        }
        else if (_server.Restore())
        {
            _trace.Say("the server was restored from its backup");
        }
    }

    private void JumpClock()
    {
        if (_random.Next(4) == 0)
        {
            _clock.JumpTo1970();
        }
        else
        {
            _clock.Shift = TimeSpan.FromDays(_random.Next(3) switch { 0 => 0, 1 => 365, _ => -365 });
        }

        Say($"the clock shows {_clock.GetUtcNow():u}");
    }

    private void Want(Wish wish)
    {
        _wish = wish;
        _ledger.MayDrop |= wish.MayDrop;
        _server.OneAtATime = false;
        _trace.Say($"settings {++_revision}: {wish}");
        _device!.Settings.Offer(wish.Document(_revision));
    }

    // Its revision is used up, as a console's is; the wish comes again with the next.
    private void OfferBad()
    {
        _trace.Say($"bad settings {++_revision}");
        _device!.Settings.Offer(_wish.Bad(_revision, _random));
    }
}
