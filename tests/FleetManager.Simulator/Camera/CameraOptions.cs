namespace FleetManager.Simulator.Camera;

/// <summary>What <c>fleet-sim camera</c> was asked to do.</summary>
internal sealed record CameraOptions(
    string Samples,
    double Rate,
    Uri To,
    int? Count,
    string? ApiKey,
    string? UseCase,
    string? Stream,
    string? Ids,
    bool Distinct,
    TimeSpan Patience);
