using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Platform;

/// <summary>The agent's log, on standard output for the service manager to keep; its level follows the settings at once.</summary>
internal sealed class AgentLogging : IDisposable
{
    private volatile LogLevel _level = LogLevel.Information;

    public AgentLogging()
    {
        Factory = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Trace)
            .AddFilter((category, level) => level >= (IsOurs(category) ? _level : Max(_level, LogLevel.Warning)))
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            }));
    }

    public ILoggerFactory Factory { get; }

    public void SetLevel(AgentLogLevel level) => _level = level switch
    {
        AgentLogLevel.Debug => LogLevel.Debug,
        AgentLogLevel.Warning => LogLevel.Warning,
        AgentLogLevel.Error => LogLevel.Error,
        _ => LogLevel.Information,
    };

    public void Dispose() => Factory.Dispose();

    private static bool IsOurs(string? category) => category?.StartsWith("FleetManager.", StringComparison.Ordinal) == true;

    private static LogLevel Max(LogLevel a, LogLevel b) => a > b ? a : b;
}
