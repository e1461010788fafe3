namespace FleetManager.Contracts.Agents;

/// <summary>
/// Body of <c>POST /agent/v1/logs</c>: lines that the device logged. A line is known by its device, <paramref name="Boot"/> and number, so
/// sending it again changes nothing.
/// </summary>
/// <param name="Boot">Start counter of the agent, persisted, from 1.</param>
/// <param name="Lines">1 to 500 lines, and a body of at most 1 MiB: long lines go in several batches.</param>
public sealed record LogBatch(long Boot, IReadOnlyList<LogLine> Lines)
{
    /// <summary>Most lines of a batch.</summary>
    public const int MaxLines = 500;

    /// <summary>Most bytes of the body.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Most characters of a service's name.</summary>
    public const int MaxServiceLength = 64;

    /// <summary>Most characters of a message; a sender cuts what is longer.</summary>
    public const int MaxMessageLength = 4000;
}

/// <summary>A line of a log.</summary>
/// <param name="Seq">Its number within the boot, from 1.</param>
/// <param name="At">When, by the device's clock.</param>
/// <param name="Severity"><c>DEBUG</c>, <c>INFO</c>, <c>WARN</c>, <c>ERROR</c> or <c>CRITICAL</c>.</param>
/// <param name="Service">The part of the device that wrote it, without commas.</param>
/// <param name="Message">The text.</param>
public sealed record LogLine(long Seq, DateTimeOffset At, string Severity, string Service, string Message);
