namespace FleetManager.Agent.Doctor;

/// <summary>How one leg is.</summary>
internal enum Verdict
{
    /// <summary>It works.</summary>
    Ok,

    /// <summary>It works, and somebody should look at it.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It could not be looked at, because of another leg.</summary>
    Skipped,
}

/// <summary>What the examination of one leg found.</summary>
/// <param name="Check">Name of the leg.</param>
/// <param name="Verdict">How it is.</param>
/// <param name="Found">What was seen.</param>
/// <param name="Advice">What to do; null when there is nothing to do.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Found, string? Advice = null)
{
    public static Finding Ok(string check, string found) => new(check, Verdict.Ok, found);

    public static Finding Warning(string check, string found, string advice) => new(check, Verdict.Warning, found, advice);

    public static Finding Failed(string check, string found, string advice) => new(check, Verdict.Failed, found, advice);

    public static Finding Skipped(string check, string because) => new(check, Verdict.Skipped, because);
}

/// <summary>What <c>fleet-agent doctor --json</c> prints.</summary>
/// <param name="Healthy">Whether no leg failed; the exit code is 0 then and 1 otherwise.</param>
/// <param name="Findings">The legs, in the order in which they were looked at.</param>
internal sealed record DoctorReport(bool Healthy, IReadOnlyList<Finding> Findings);
