using System.Globalization;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.FaultLab.Disk;
using FleetManager.FaultLab.Model;
using FleetManager.FaultLab.Network;

namespace FleetManager.FaultLab;

/// <summary>
/// One run of one device: the agent's own code under a virtual clock, on a faulty disk and a faulty network, against a model server. A seed
/// decides every step; after each the ledger checks the promises.
/// </summary>
internal sealed partial class Simulation
{
    private readonly Random _random;
    private readonly string _folder;
    private readonly LabClock _clock = new();
    private readonly FaultyDisk _disk;
    private readonly ModelServer _server;
    private readonly FaultyNetwork _network;
    private readonly Ledger _ledger = new();
    private readonly Producer _producer;
    private readonly Trace _trace;
    private readonly List<(int Weight, Func<Task> Act)> _actions;
    private Device? _device;
    private Wish _wish = Wish.Plain;
    private long _revision = 1;
    private long _kept;
    private long _cap;
    private bool _losesARow;

    public Simulation(int seed, Faults faults, string folder, Trace trace, Sabotage broken)
    {
        (_folder, _trace) = (folder, trace);
        _random = new Random(seed);
        var backoff = new Random(_random.Next());
        Backoff.Draw = backoff.Next;
        _disk = new FaultyDisk(folder, new Random(_random.Next())) { Lies = broken == Sabotage.DiskLies };
        _server = new ModelServer(_clock, new Random(_random.Next()), _ledger) { Forgets = broken == Sabotage.ServerForgets };
        _network = new FaultyNetwork(_clock, new Random(_random.Next()), _server);
        _producer = new Producer(new Random(_random.Next()), _ledger);
        _actions = Actions(faults);
        _losesARow = broken == Sabotage.StoreLosesARow;
        SqliteVfs.Disk = _disk;
        DurableFile.Witness = _disk.Step;
    }

    public int Accepted => _ledger.Accepted;

    public int Deaths { get; private set; }

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Runs the steps, then ends the faults and lets the device make good. Throws a violation.</summary>
    public Task RunAsync(int steps) => GuardAsync(async () =>
    {
        for (var step = 0; step < steps; step++)
        {
            _trace.Step = step;
            await ActAsync();
            await SettleAsync();
            if (_losesARow && _ledger.Accepted > 0)
            {
                LoseARow();
            }

            Check();
        }
    });

    private async Task GuardAsync(Func<Task> faults)
    {
        try
        {
            await EnsureStartedAsync();
            await faults();
            await HealAsync();
        }
        finally
        {
            await StopAsync();
        }
    }

    private async Task StopAsync()
    {
        if (_device is { } device)
        {
            _device = null;
            _network.Orphan();
            await device.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    private async Task ActAsync()
    {
        if (_device is null)
        {
            _clock.Advance(TimeSpan.FromSeconds(_random.Next(1, 60)));
            await EnsureStartedAsync();
            return;
        }

        var drawn = _random.Next(_actions.Sum(a => a.Weight));
        await _actions.First(a => (drawn -= a.Weight) < 0).Act();
    }

    /// <summary>Lets everything that can happen now happen, and buries a machine that died of it.</summary>
    private async Task SettleAsync()
    {
        await _network.PumpAsync();
        if (_disk.IsDead)
        {
            _trace.Say(_disk.LosesPower ? "power cut" : "killed");
            Deaths++;
            await StopAsync();
            Bury();
        }
    }

    private void Bury()
    {
        // A start that failed half way leaves its connections to the collector; a process that ends closes them.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (_disk.IsDead)
        {
            _disk.Revive();
        }

        _server.ForgetPauses();
    }

    private async Task EnsureStartedAsync()
    {
        if (_device is not null)
        {
            return;
        }

        _device = Device.TryStart(_folder, _clock, _network.Handler());
        _trace.Say(_device is null ? "start failed" : "started");
        if (_device is null)
        {
            Bury();
            return;
        }

        Violation.Unless(
            _device.Settings.Revision >= _kept, "G10", $"settings {_kept} were in force and {_device.Settings.Revision} are after the start");
        _device.Settings.Offer(_wish.Document(_revision));
        await SettleAsync();
    }

    private void Check()
    {
        if (_network.Caught is { } caught)
        {
            throw caught;
        }

        if (_device is not { } device)
        {
            return;
        }

        _disk.IsCalm = true;
        try
        {
            var cap = device.Settings.Current.EventStore.MaxRecords;
            if (cap != _cap)
            {
                _cap = cap;
                _ledger.Cap(cap, device.Store.Stats().Totals.Records);
            }

            _server.OneAtATime = _network.IsIdle && device.Settings.Current.VisionEventsBackup.Concurrency == 1;
            _kept = Math.Max(_kept, device.Settings.Revision);
            _ledger.Check(device.Store, _server, cap);
            _trace.State(device.Store.Stats(), _server.Count, _network.Begun);
        }
        finally
        {
            _disk.IsCalm = false;
        }
    }

    private async Task AcceptAsync(int count)
    {
        if (_device is not { } device || device.Settings.Revision == 0)
        {
            return;
        }

        var events = Enumerable.Range(0, count).Select(_ => _producer.Next()).ToList();
        var answers = events.ConvertAll(e => AnswerAsync(device, e.Event));
        await Quiet.ComeAsync();
        Violation.Unless(answers.TrueForAll(a => a.IsCompleted), "G5", "a producer got no answer though nothing moves");
        for (var i = 0; i < events.Count; i++)
        {
            events[i].Issued.Accepted = await answers[i] == AcceptResult.Accepted;
        }

        _trace.Say(string.Create(CultureInfo.InvariantCulture, $"{count} events, {events.Count(e => e.Issued.Accepted)} accepted"));
    }

    private static async Task<AcceptResult?> AnswerAsync(Device device, NewEvent arrival)
    {
        try
        {
            return await device.Store.AcceptAsync(arrival, CancellationToken.None);
        }
        catch (Exception e) when (e is StoreFailedException or IOException or UnauthorizedAccessException)
        {
            // What the local API answers with 503; the event may be there or not.
            return null;
        }
    }

    private async Task HealAsync()
    {
        _trace.Say("the faults are over");
        (_network.IsUp, _network.Faults, _server.Mood, _server.TiredRate) = (true, NetworkFaults.None, ServerMood.Up, 0);
        (_disk.ErrorRate, _disk.Capacity) = (0, null);
        _clock.Shift = TimeSpan.Zero;
        _disk.CallOff();
        await EnsureStartedAsync();
        Violation.Unless(_device is not null, "G5", "the agent does not start though its disk is well");
        Want(Wish.Plain);

        // The longest pause of all is the server's own, ten minutes; the agent's are up to five.
        for (var minute = 0; minute < 60 && (minute < 1 || _device!.Store.Stats().Pending > 0); minute++)
        {
            await SettleAsync();
            Check();
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        // Twice past the hours after which both sides compare.
        for (var hour = 0; hour < 14; hour++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            await SettleAsync();
            _server.Forgot &= hour < 7;
            Check();
        }

        _ledger.CheckEnd(_device!.Store, _server);
    }

    private void LoseARow()
    {
        _disk.IsCalm = true;
        using var journal = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder, "store", "journal.db")};Pooling=false");
        journal.Open();
        using var delete = journal.CreateCommand();
        delete.CommandText = "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)";
        _losesARow = delete.ExecuteNonQuery() == 0;
        _disk.IsCalm = false;
    }
}
