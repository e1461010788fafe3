namespace FleetManager.Server.Setup;

/// <summary>The server has taken as much as it can hold: the caller should come again. Answered with 503 and Retry-After.</summary>
internal sealed class BusyException(string what) : Exception($"The server is busy: {what}. Send the request again.");
