namespace FleetManager.Server.Setup;

/// <summary>The database was stopped over a search that took too long: the caller should ask for less. Answered with 503.</summary>
internal sealed class TooSlowException(TimeSpan limit) : TimeoutException(
    $"This search takes longer than {limit.TotalSeconds:0} s and was stopped. Ask for less: a shorter time range, or a value that fewer events have.");
