namespace FleetManager.Agent.EventStore;

/// <summary>The journal could not be read or written; nothing of the failed work is stored.</summary>
internal sealed class StoreFailedException(string message, Exception inner) : Exception(message, inner);
