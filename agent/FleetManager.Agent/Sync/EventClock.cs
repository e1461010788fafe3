using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Sync;

/// <summary>
/// How wrong the device's clock was while events were stored. A device without a battery starts in 1970 and may be offline for weeks; what it
/// saw must still land at its time on the server. Runs of numbers between two jumps of the clock share one shift, which becomes known
/// when the server answers; the runs are on disk, so that it also holds for what was stored before a restart.
/// </summary>
internal sealed class EventClock
{
    // Clocks that are disciplined at all are closer; a producer's own stamps are not ours to polish.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_jump = TimeSpan.FromSeconds(2);

    // A stamp that is farther from the moment of storing was not taken from the device's clock.
    private static readonly TimeSpan s_sameClock = TimeSpan.FromDays(1);

    // No agent of this version ran before.
    private static readonly DateTimeOffset s_earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int MostRuns = 1000;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ServerClock _server;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly List<Run> _runs;
    private DateTimeOffset _line;

    /// <param name="path">Where the runs are kept.</param>
    /// <param name="server">The server's time.</param>
    /// <param name="lastSeq">The last number that was given out before this start.</param>
    /// <param name="time">The device's clocks.</param>
    public EventClock(string path, ServerClock server, long lastSeq, TimeProvider time)
    {
        (_path, _server, _time) = (path, server, time);
        _started = time.GetTimestamp();
        _line = time.GetUtcNow();
        _runs = Load(path);
        Begin(lastSeq + 1);
    }

    /// <summary>Looks every second.</summary>
    public async Task RunAsync(DeviceStore store, CancellationToken cancellationToken)
    {
        while (true)
        {
            Look(store.Progress().LastSeq);
            await Task.Delay(s_look, _time, cancellationToken);
        }
    }

    /// <summary>Notices jumps of the device's clock and the server's time; call it often.</summary>
    public void Look(long lastSeq)
    {
        lock (_gate)
        {
            var line = _time.GetUtcNow() - _time.GetElapsedTime(_started);
            if ((line - _line).Duration() > s_jump)
            {
                _line = line;
                Begin(lastSeq + 1);
            }

            // Slewing is no jump, and adds up.
            _line = line;
            _runs[^1].Line = line;
            Resolve();
        }
    }

    /// <summary>Whether the clock was right for every event: then nobody has to look at stamps.</summary>
    public bool WasAlwaysRight
    {
        get
        {
            lock (_gate)
            {
                Resolve();
                return _runs.TrueForAll(r => r.Shift == TimeSpan.Zero);
            }
        }
    }

    /// <summary>What has to be added to a stamp of that event; zero when it is to be left as it is.</summary>
    public TimeSpan ShiftOf(NumberedEvent numbered, DateTimeOffset stamp)
    {
        lock (_gate)
        {
            Resolve();
            var run = _runs.FindLast(r => r.From <= numbered.Seq);
            if (run is null || _server.Now is not { } now)
            {
                return TimeSpan.Zero;
            }

            if (run.Shift is null && numbered.ReceivedAt < s_earliest)
            {
                // From before a restart, and the server was never reached: it can not be told how long the device was switched off. All
                // of the run is put right before this start, in its order and with its distances.
                run.Shift = now - _time.GetElapsedTime(_started) - numbered.ReceivedAt;
                Save();
            }

            var shift = run.Shift ?? TimeSpan.Zero;
            return shift.Duration() < s_tolerance || (stamp - numbered.ReceivedAt).Duration() > s_sameClock ? TimeSpan.Zero
                : stamp + shift > now + s_tolerance ? (stamp > now || stamp < s_earliest ? now - stamp : TimeSpan.Zero)
                : shift;
        }
    }

    private void Begin(long from)
    {
        _runs.RemoveAll(r => r.From >= from);
        _runs.Add(new Run(from) { Line = _line });
        if (_runs.Count > MostRuns)
        {
            _runs.RemoveAt(0);
        }

        Save();
    }

    private void Resolve()
    {
        if (_server.Now is not { } now || !_runs.Exists(r => r is { Shift: null, Line: not null }))
        {
            return;
        }

        var server = now - _time.GetElapsedTime(_started);
        foreach (var run in _runs.Where(r => r is { Shift: null, Line: not null }))
        {
            var shift = server - run.Line!.Value;
            run.Shift = shift.Duration() < s_tolerance ? TimeSpan.Zero : shift;
        }

        // On a device whose clock is right, one run is left.
        for (var i = _runs.Count - 1; i > 0; i--)
        {
            if (_runs[i].Shift == TimeSpan.Zero && _runs[i - 1].Shift == TimeSpan.Zero)
            {
                _runs.RemoveAt(i);
            }
        }

        Save();
    }

    private void Save()
    {
        try
        {
            DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(_runs.ConvertAll(r => new ClockRun(r.From, r.Shift)), AgentJson.Default.ListClockRun));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On a full disk it is kept in memory, and tried again with the next change.
        }
    }

    private static List<Run> Load(string path)
    {
        try
        {
            var runs = File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), AgentJson.Default.ListClockRun) : null;
            return runs?.ConvertAll(r => new Run(r.From) { Shift = r.Shift }) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Numbers from one on, up to the next run, that were stored under one line of the device's clock.</summary>
    private sealed class Run(long from)
    {
        public long From => from;

        public TimeSpan? Shift { get; set; }

        /// <summary>What the device's clock showed, or would have shown, at this start; null for a run of an earlier one.</summary>
        public DateTimeOffset? Line { get; set; }
    }
}

/// <summary>A run of numbers and the shift of the device's clock while they were stored; null while it is not known.</summary>
internal sealed record ClockRun(long From, TimeSpan? Shift);
