using System.Collections.Concurrent;
using FleetManager.Benchmarks.Hosting;

namespace FleetManager.Benchmarks.Load;

/// <summary>Counts what is done from its start to its stop, and the CPU time that it costs. For many threads.</summary>
internal sealed class Meter
{
    private readonly Func<TimeSpan>? _server;
    private readonly PostgresServer? _database;
    private readonly TimeSpan _window;
    private readonly (TimeSpan Load, TimeSpan Server, TimeSpan Database) _before;
    private readonly long _started;
    private readonly ConcurrentBag<double> _milliseconds = [];
    private long _done;
    private volatile bool _isEnded;

    private Meter(TimeSpan window, Func<TimeSpan>? server, PostgresServer? database)
    {
        (_window, _server, _database) = (window, server, database);
        _before = Cpu();
        _started = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Whether nothing new should be started.</summary>
    public bool IsOver => _isEnded || TimeProvider.System.GetElapsedTime(_started) >= _window;

    public static Meter Start(TimeSpan window, FleetServer? server = null, PostgresServer? database = null) =>
        new(window, server is null ? null : () => server.Cpu, database);

    public static Meter Start(TimeSpan window, FleetAgent agent) => new(window, () => agent.Cpu, database: null);

    public void Add(long done, TimeSpan took)
    {
        Interlocked.Add(ref _done, done);
        _milliseconds.Add(took.TotalMilliseconds);
    }

    /// <summary>Ends the window.</summary>
    public void End() => _isEnded = true;

    /// <summary>Adds what an operation does, and its time.</summary>
    public async Task TimeAsync(long done, Func<Task> operation)
    {
        var started = TimeProvider.System.GetTimestamp();
        await operation();
        Add(done, TimeProvider.System.GetElapsedTime(started));
    }

    public Sample Stop()
    {
        var elapsed = TimeProvider.System.GetElapsedTime(_started);
        var cpu = Cpu();
        double[] sorted = [.. _milliseconds.Order()];
        return new Sample(
            _done / elapsed.TotalSeconds,
            (cpu.Load - _before.Load).TotalMicroseconds / _done,
            (cpu.Server - _before.Server).TotalMicroseconds / _done,
            (cpu.Database - _before.Database).TotalMicroseconds / _done,
            sorted[sorted.Length / 2],
            sorted[sorted.Length * 99 / 100]);
    }

    private (TimeSpan Load, TimeSpan Server, TimeSpan Database) Cpu() => (Environment.CpuUsage.TotalTime, _server?.Invoke() ?? default, _database?.Cpu ?? default);
}

/// <param name="Rate">Done in a second.</param>
/// <param name="LoadMicros">CPU time of this process for each, in µs.</param>
/// <param name="ServerMicros">CPU time of the server for each, in µs.</param>
/// <param name="DatabaseMicros">CPU time of the database for each, in µs.</param>
/// <param name="P50">Median time of an operation, in ms.</param>
/// <param name="P99">99th percentile, in ms.</param>
internal sealed record Sample(double Rate, double LoadMicros, double ServerMicros, double DatabaseMicros, double P50, double P99);
