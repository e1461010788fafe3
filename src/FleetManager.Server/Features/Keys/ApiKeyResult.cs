namespace FleetManager.Server.Features.Keys;

/// <summary>Outcome of managing a key.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Message">What is wrong and what to do; null when done.</param>
/// <param name="Key">The key as it is now; null when there is none.</param>
/// <param name="Secret">A new secret, which can not be had again; null when none was made.</param>
internal sealed record ApiKeyResult(ApiKeyOutcome Outcome, string? Message = null, ApiKeyView? Key = null, string? Secret = null)
{
    public static ApiKeyResult NotFound(int id) => new(ApiKeyOutcome.NotFound, $"This workspace has no API key {id}.");
}

internal enum ApiKeyOutcome
{
    Done,
    Invalid,
    NotFound,

    /// <summary>The key can do what the one who asks can not.</summary>
    BeyondScopes,
    TooMany,
}

/// <summary>Who manages a key. People and the command line may grant everything, a key only what it may do itself.</summary>
/// <param name="Actor">As written to the audit log.</param>
/// <param name="Scopes">What may be granted; null for everything.</param>
internal sealed record Grantor(string Actor, IReadOnlySet<string>? Scopes = null)
{
    public static Grantor Of(Caller caller) => new(caller.Actor, caller.GrantedScopes);

    /// <summary>What is asked for but can not be granted, for people; null when all can.</summary>
    public string? Lacks(IReadOnlyCollection<string>? scopes)
    {
        if (Scopes is null)
        {
            return null;
        }

        return scopes is null ? "every scope" : scopes.Where(s => !Scopes.Contains(s)).ToList() is { Count: > 0 } missing ? string.Join(", ", missing) : null;
    }
}
