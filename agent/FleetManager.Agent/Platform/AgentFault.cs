namespace FleetManager.Agent.Platform;

/// <summary>
/// Why a command can not go on: one sentence for the person at the shell, which says what is wrong and what to do. Printed without a trace.
/// </summary>
internal sealed class AgentFault : Exception
{
    public AgentFault(string message)
        : base(message)
    {
    }

    public AgentFault(string message, Exception inner)
        : base(message, inner)
    {
    }
}
