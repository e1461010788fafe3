namespace FleetManager.Agent;

/// <summary>The version of this program, as it reports it.</summary>
internal static class AgentVersion
{
    public static string Current { get; } = typeof(AgentVersion).Assembly.GetName().Version!.ToString(3);
}
