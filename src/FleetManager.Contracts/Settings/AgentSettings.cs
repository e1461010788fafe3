namespace FleetManager.Contracts.Settings;

/// <summary>
/// All sections, read: what an agent works with, and what the product's defaults are. Settings have setters, not initializers: generated
/// JSON readers give an absent <c>init</c> member the default of its type, and an absent setting must keep the product's default.
/// </summary>
public sealed record AgentSettings
{
    /// <summary>See <see cref="EventStoreSettings"/>.</summary>
    public EventStoreSettings EventStore { get; set; } = new();

    /// <summary>See <see cref="BackupSettings"/>.</summary>
    public BackupSettings VisionEventsBackup { get; set; } = new();

    /// <summary>See <see cref="TelemetrySettings"/>.</summary>
    public TelemetrySettings Telemetry { get; set; } = new();

    /// <summary>See <see cref="LoggingSettings"/>.</summary>
    public LoggingSettings Logging { get; set; } = new();
}
