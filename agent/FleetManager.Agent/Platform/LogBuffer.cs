using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Platform;

/// <summary>
/// Takes the lines of the log for the server, into the ring of the device; until there is one, in memory. A line of its own says how many the
/// memory had no room for.
/// </summary>
internal sealed class LogBuffer(TimeProvider time) : ILoggerProvider
{
    private const int Capacity = 500;
    private const string Own = "FleetManager.Agent.";

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _early = new();
    private LineRing<LogLine>? _ring;
    private long _leftOut;

    public ILogger CreateLogger(string categoryName) => new Writer(this, ServiceOf(categoryName));

    public void Dispose()
    {
    }

    /// <summary>From now on lines go to this ring, those that came before first; without one they stay in memory again.</summary>
    public void Attach(LineRing<LogLine>? ring)
    {
        lock (_gate)
        {
            _ring = ring;
            while (ring is not null && _early.TryDequeue(out var line))
            {
                ring.Append(seq => line with { Seq = seq });
            }

            if (ring is not null && _leftOut > 0)
            {
                ring.Append(seq => new LogLine(seq, time.GetUtcNow(), "WARN", "agent", $"{_leftOut} lines were left out here: there was no place on the disk for them yet."));
                _leftOut = 0;
            }
        }
    }

    private void Add(string severity, string service, string message)
    {
        var line = new LogLine(0, time.GetUtcNow(), severity, service, message);
        lock (_gate)
        {
            if (_ring is { } ring)
            {
                ring.Append(seq => line with { Seq = seq });
            }
            else if (_early.Count < Capacity)
            {
                _early.Enqueue(line);
            }
            else
            {
                _leftOut++;
            }
        }
    }

    /// <summary>The part of the agent: its folder.</summary>
    private static string ServiceOf(string category) =>
        category.StartsWith(Own, StringComparison.Ordinal) && category[Own.Length..].Split('.') is [var part, _, ..] ? part.ToLowerInvariant() : "agent";

    private sealed class Writer(LogBuffer buffer, string service) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception).Replace('\0', ' ');
            text = exception is null ? text : $"{text}: {exception.Message.Replace('\0', ' ')}";
            buffer.Add(
                logLevel switch
                {
                    LogLevel.Trace or LogLevel.Debug => "DEBUG",
                    LogLevel.Information => "INFO",
                    LogLevel.Warning => "WARN",
                    LogLevel.Error => "ERROR",
                    _ => "CRITICAL",
                },
                service,
                text.Length == 0 ? "(no text)" : text.Length <= LogBatch.MaxMessageLength ? text : text[..(LogBatch.MaxMessageLength - 1)] + "…");
        }
    }
}
