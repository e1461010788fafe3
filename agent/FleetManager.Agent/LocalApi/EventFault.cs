namespace FleetManager.Agent.LocalApi;

/// <summary>Why a request was refused.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">Path and index of the fault, and what is allowed there.</param>
/// <param name="RetryAfter">When the same request may succeed; null when it can not.</param>
internal sealed record EventFault(int Status, string Detail, TimeSpan? RetryAfter = null)
{
    public static EventFault Invalid(string path, string rule) => new(StatusCodes.Status422UnprocessableEntity, $"{path} {rule}");

    public static EventFault NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);
}
