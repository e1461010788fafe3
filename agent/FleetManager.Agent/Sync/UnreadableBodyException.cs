namespace FleetManager.Agent.Sync;

/// <summary>What was to be sent can not be read on this side. Not an IOException, which would look like a failure of the network.</summary>
internal sealed class UnreadableBodyException(Exception inner) : Exception(inner.Message, inner);
