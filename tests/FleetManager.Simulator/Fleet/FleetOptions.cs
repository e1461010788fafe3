namespace FleetManager.Simulator.Fleet;

/// <summary>What <c>fleet-sim fleet</c> was told.</summary>
/// <param name="Devices">How many agents.</param>
/// <param name="Server">The server.</param>
/// <param name="Token">Enrollment token, with a use for each device.</param>
/// <param name="Profile">How the devices work and how they are connected.</param>
/// <param name="Rate">Events a second of one device, on average.</param>
/// <param name="Duration">How long events are made; null until stopped.</param>
/// <param name="Drain">How long the backlog may take afterwards.</param>
/// <param name="ApiKey">With it the backup of each device is switched on; without it the console must do that.</param>
/// <param name="UseCase">The use case that the events name.</param>
internal sealed record FleetOptions(
    int Devices, Uri Server, string Token, FleetProfile Profile, double Rate, TimeSpan? Duration, TimeSpan Drain, string? ApiKey, string UseCase);

/// <summary>A way of working and a connection.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Burst">Events that come at once; the pauses between bursts keep the average rate.</param>
/// <param name="Link">The network between the devices and the server; null for that of the machine.</param>
internal sealed record FleetProfile(string Name, int Burst, LinkProfile? Link)
{
    /// <summary>The profiles that IoT Edge tests with, and two ways of producing.</summary>
    public static IReadOnlyList<FleetProfile> All { get; } =
    [
        new("steady", 1, null),
        new("bursty", 50, null),
        new("satellite", 1, new LinkProfile(RoundTrip: TimeSpan.FromMilliseconds(600), Jitter: TimeSpan.FromMilliseconds(50), Loss: 0.02, BytesPerSecond: 25_000_000 / 8)),
        new("3g", 1, new LinkProfile(RoundTrip: TimeSpan.FromMilliseconds(100), Jitter: TimeSpan.FromMilliseconds(10), Loss: 0.005, BytesPerSecond: 3_000_000 / 8)),
        new("off-on", 1, new LinkProfile(RoundTrip: TimeSpan.Zero, Jitter: TimeSpan.Zero, Loss: 0, BytesPerSecond: long.MaxValue, Off: TimeSpan.FromMinutes(5))),
    ];
}

/// <summary>A network.</summary>
/// <param name="RoundTrip">There and back.</param>
/// <param name="Jitter">By how much a round trip differs, either way.</param>
/// <param name="Loss">Packets that are lost, 0–1. Over TCP a lost packet is one that comes late, after it was sent again.</param>
/// <param name="BytesPerSecond">Either way, all devices of the process together.</param>
/// <param name="Off">As long as there is a connection there is none before it; null for one that stays.</param>
internal sealed record LinkProfile(TimeSpan RoundTrip, TimeSpan Jitter, double Loss, long BytesPerSecond, TimeSpan? Off = null);
