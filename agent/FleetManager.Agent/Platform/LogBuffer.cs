using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Platform;

/// <summary>
/// Keeps the lines of the log until the server has them. Bounded: while it can not be reached, the oldest give way, and a line of its own says how
/// many. Numbers rise within the process, so a batch that is sent again adds nothing.
/// </summary>
internal sealed class LogBuffer(TimeProvider time) : ILoggerProvider
{
    private const int Capacity = 2000;

    // JSON spells a character with six bytes at most; what is left over is for what stands around the texts.
    private const int BatchCharacters = LogBatch.MaxBytes / 8;
    private const string Own = "FleetManager.Agent.";

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private long _seq;
    private int _leftOut;

    public ILogger CreateLogger(string categoryName) => new Writer(this, ServiceOf(categoryName));

    public void Dispose()
    {
    }

    /// <summary>The oldest lines that wait, as many as one batch takes; they go on waiting until <see cref="Remove"/>.</summary>
    public List<LogLine> Peek()
    {
        lock (_gate)
        {
            var room = BatchCharacters;
            return [.. _lines.Take(LogBatch.MaxLines).TakeWhile(line => (room -= line.Message.Length) >= 0)];
        }
    }

    /// <summary>The server has every line up to this number, or will never take it.</summary>
    public void Remove(long throughSeq)
    {
        lock (_gate)
        {
            while (_lines.TryPeek(out var line) && line.Seq <= throughSeq)
            {
                _lines.Dequeue();
            }

            if (_leftOut > 0)
            {
                var count = _leftOut;
                _leftOut = 0;
                Add("WARN", "control", $"{count} earlier lines were left out: the server could not be reached for too long.");
            }
        }
    }

    private void Add(string severity, string service, string message)
    {
        lock (_gate)
        {
            if (_lines.Count == Capacity)
            {
                _lines.Dequeue();
                _leftOut++;
            }

            _lines.Enqueue(new LogLine(++_seq, time.GetUtcNow(), severity, service, message));
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
