using FleetManager.Data.Accounts;

namespace FleetManager.Server.Features.Accounts;

/// <summary>Outcome of an account form.</summary>
/// <param name="Fault">What is wrong and what to do; null on success.</param>
/// <param name="User">Who may now be signed in; null on failure.</param>
internal sealed record AccountResult(string? Fault, User? User = null)
{
    public static AccountResult LinkGone { get; } =
        new("This link is not good any more: it was used, replaced, or is older than 24 hours. Ask for a new one.");
}

/// <summary>Outcome of adding a user.</summary>
/// <param name="LinkPath">Path and query of the set-password link; null on failure.</param>
/// <param name="Fault">What is wrong; null on success.</param>
internal sealed record AddUserResult(string? LinkPath, string? Fault);
