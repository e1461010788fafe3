namespace FleetManager.Server.Features.Events;

/// <summary>What a reviewer may say of an event (vision-events.md 4.1).</summary>
internal static class Verdicts
{
    public const string Correct = "correct";
    public const string Incorrect = "incorrect";
    public const string Inconclusive = "inconclusive";

    /// <summary>In a filter: nobody gave a verdict.</summary>
    public const string None = "none";

    public static IReadOnlyList<string> All { get; } = [Correct, Incorrect, Inconclusive];
}
