namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>A period that charts can show, and the step that it is shown in.</summary>
/// <param name="Name">As clients ask for it.</param>
/// <param name="Length">How far it goes back.</param>
/// <param name="Step">Length of a bucket.</param>
/// <param name="StepName">As the reference writes it.</param>
internal sealed record TelemetryPeriod(string Name, TimeSpan Length, TimeSpan Step, string StepName)
{
    public static IReadOnlyList<TelemetryPeriod> All { get; } =
    [
        new("1h", TimeSpan.FromHours(1), TimeSpan.FromMinutes(2), "2 MINUTE"),
        new("24h", TimeSpan.FromHours(24), TimeSpan.FromMinutes(30), "30 MINUTE"),
        new("7d", TimeSpan.FromDays(7), TimeSpan.FromHours(4), "4 HOUR"),
        new("14d", TimeSpan.FromDays(14), TimeSpan.FromHours(8), "8 HOUR"),
    ];

    /// <summary>How many buckets it has.</summary>
    public int Count => (int)(Length / Step);

    /// <summary>Start of the first bucket; the last one is running.</summary>
    public DateTimeOffset FirstStart(DateTimeOffset now) => new DateTimeOffset(now.UtcTicks - (now.UtcTicks % Step.Ticks), TimeSpan.Zero) - Length + Step;
}
