using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Platform;

/// <summary>The agent's log, on standard output for the service manager to keep, and for the server; its level follows the settings at once.</summary>
internal sealed class AgentLogging : IDisposable
{
    private volatile LogLevel _level = LogLevel.Information;

    public AgentLogging()
    {
        Factory = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Trace)
            .AddFilter((category, level) => level >= Least(category))
            .AddProvider(Lines)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            }));
    }

    public ILoggerFactory Factory { get; }

    /// <summary>What waits for the server.</summary>
    public LogBuffer Lines { get; } = new(TimeProvider.System);

    public void SetLevel(AgentLogLevel level) => _level = level switch
    {
        AgentLogLevel.Debug => LogLevel.Debug,
        AgentLogLevel.Warning => LogLevel.Warning,
        AgentLogLevel.Error => LogLevel.Error,
        _ => LogLevel.Information,
    };

    public void Dispose() => Factory.Dispose();

    // A listener that can not start is told by us, in one line and with the setting to change.
    private LogLevel Least(string? category) =>
        category?.StartsWith("FleetManager.", StringComparison.Ordinal) == true ? _level
        : category?.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal) == true ? LogLevel.Critical
        : _level > LogLevel.Warning ? _level : LogLevel.Warning;
}
