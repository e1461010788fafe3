namespace FleetManager.Agent.Platform;

/// <summary>What a request to the server brought: a value, or why there is none.</summary>
internal readonly record struct Reply<T>(T? Value, Failure? Failure)
    where T : class;

/// <summary>Why a request failed, and so what may be done about it.</summary>
/// <param name="Kind">See <see cref="FailureKind"/>.</param>
/// <param name="Code">For programs: <c>http_503</c>, <c>unreachable</c>, …</param>
/// <param name="Message">For people; the server's own words where it had some.</param>
/// <param name="Status">HTTP status; null when there was no answer.</param>
/// <param name="RetryAfter">The pause that the server asked for.</param>
internal sealed record Failure(FailureKind Kind, string Code, string Message, int? Status = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether the server failed in a way that may be due to what it was sent, so that other requests may well succeed.</summary>
    public bool MayBeTheRequest => Status is >= 500 and not 503 && RetryAfter is null;
}

internal enum FailureKind
{
    /// <summary>No answer: the network, or no server.</summary>
    Unreachable,

    /// <summary>401 or 403: the key is not accepted.</summary>
    Unauthorized,

    /// <summary>The server can not do it now.</summary>
    Temporary,

    /// <summary>The server will never take this request as it is.</summary>
    Refused,

    /// <summary>An answer that a FleetManager server does not give: a wrong address, or a proxy in between.</summary>
    Foreign,
}
