namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>The words for how bad a line of a log is, the least first.</summary>
internal static class LogSeverities
{
    public static IReadOnlyList<string> All { get; } = ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"];

    /// <summary>The word of this server for what somebody wrote, in any case and by its other usual names; null when there is none.</summary>
    public static string? Normalize(string? text) => text?.ToUpperInvariant() switch
    {
        "TRACE" => "DEBUG",
        "INFORMATION" => "INFO",
        "WARNING" => "WARN",
        "FATAL" => "CRITICAL",
        { } word when All.Contains(word) => word,
        _ => null,
    };
}
