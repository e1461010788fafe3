namespace FleetManager.Server.Features.Keys;

/// <summary>What a secret turned out to be.</summary>
/// <param name="Caller">Who holds it; null when it opens nothing.</param>
/// <param name="Refusal">Why it opens nothing, for the one who holds it.</param>
internal sealed record Recognition(Caller? Caller, string? Refusal)
{
    public static Recognition Refused(string why) => new(null, why);
}
