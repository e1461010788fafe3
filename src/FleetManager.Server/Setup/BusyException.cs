namespace FleetManager.Server.Setup;

/// <summary>
/// The server has taken as much as it can hold: the caller should come again. Answered with 503 and Retry-After; a cause, if there is
/// one, is for the log.
/// </summary>
internal sealed class BusyException(string what, Exception? cause = null) : Exception($"The server is busy: {what}. Send the request again.", cause);
