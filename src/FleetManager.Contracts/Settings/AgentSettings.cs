namespace FleetManager.Contracts.Settings;

/// <summary>All sections, read: what an agent works with, and what the product's defaults are.</summary>
public sealed record AgentSettings
{
    /// <summary>See <see cref="EventStoreSettings"/>.</summary>
    public EventStoreSettings EventStore { get; init; } = new();

    /// <summary>See <see cref="BackupSettings"/>.</summary>
    public BackupSettings VisionEventsBackup { get; init; } = new();

    /// <summary>See <see cref="TelemetrySettings"/>.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>See <see cref="LoggingSettings"/>.</summary>
    public LoggingSettings Logging { get; init; } = new();
}
