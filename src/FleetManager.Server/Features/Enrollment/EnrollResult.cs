using FleetManager.Contracts.Agents;

namespace FleetManager.Server.Features.Enrollment;

/// <summary>What became of an enrollment.</summary>
internal abstract record EnrollResult
{
    private EnrollResult()
    {
    }

    /// <summary>The device is known from now on, or was already, by the same token and key.</summary>
    public sealed record Enrolled(EnrollAnswer Answer) : EnrollResult;

    /// <summary>Name, version or key are not of the form that the contract asks for.</summary>
    public sealed record Malformed(string Error) : EnrollResult;

    /// <summary>There is no such token.</summary>
    public sealed record UnknownToken : EnrollResult;

    /// <summary>The token was good once: it has expired, or is used up.</summary>
    public sealed record TokenSpent(string Error) : EnrollResult;
}

/// <summary>What became of a wish for a new install id.</summary>
internal abstract record RenewResult
{
    private RenewResult()
    {
    }

    /// <summary>The new one; those before it have ended.</summary>
    public sealed record Renewed(string InstallId, DateTimeOffset ExpiresAt) : RenewResult;

    /// <summary>The workspace has no such device.</summary>
    public sealed record NotFound : RenewResult;

    /// <summary>The device has its key already, or was revoked.</summary>
    public sealed record NotWaiting : RenewResult;
}
