namespace FleetManager.Server.Features.Keys;

/// <summary>What a route asks of the key it is called with: said once where the route is mapped, and read by the documentation.</summary>
/// <param name="Kind">Which keys it takes.</param>
/// <param name="Scopes">Any one of them is enough; empty when none is asked for.</param>
internal sealed record KeyNeed(KeyKind Kind, IReadOnlyList<string> Scopes);

internal enum KeyKind
{
    Any,
    ApiKey,
    Device,
}
