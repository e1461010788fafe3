namespace FleetManager.Server.Components.Widgets;

/// <summary>What a chip means, which decides its colour; the words say it too.</summary>
public enum Tone
{
    Neutral,
    Good,
    Busy,
    Warning,
    Bad,
}
