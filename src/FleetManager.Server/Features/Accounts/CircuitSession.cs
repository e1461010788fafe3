using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace FleetManager.Server.Features.Accounts;

/// <summary>A circuit keeps the user of its first request for as long as it lives; this ends it when the session has ended.</summary>
internal sealed class CircuitSession(ILoggerFactory loggers, SessionService sessions) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromMinutes(1);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        sessions.IsCurrentAsync(authenticationState.User, cancellationToken);
}
