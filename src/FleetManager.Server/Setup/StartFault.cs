namespace FleetManager.Server.Setup;

/// <summary>The server can not start, and a person can mend it: the message names the key to set. Printed without a stack.</summary>
internal sealed class StartFault(string message, Exception? cause = null) : Exception(message, cause);
