namespace FleetManager.Contracts.Settings;

/// <summary>Section <c>telemetry</c>.</summary>
public sealed record TelemetrySettings
{
    /// <summary>Seconds between two samples; 0 sends none.</summary>
    public int IntervalSeconds { get; set; } = 60;
}
