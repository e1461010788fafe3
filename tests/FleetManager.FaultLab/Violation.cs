namespace FleetManager.FaultLab;

/// <summary>A promise of design.md section 6 was broken.</summary>
internal sealed class Violation(string promise, string message) : Exception(message)
{
    /// <summary><c>G1</c> … <c>G12</c>.</summary>
    public string Promise { get; } = promise;

    public static void Unless(bool holds, string promise, string message)
    {
        if (!holds)
        {
            throw new Violation(promise, message);
        }
    }
}
