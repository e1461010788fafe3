namespace FleetManager.Server.Features.Events.Shapes;

/// <summary>Which events are to be deleted.</summary>
/// <param name="UseCaseId">Id or name of their use case.</param>
/// <param name="EventIds">Their ids, at most 1000.</param>
internal sealed record DeleteBody(string UseCaseId, IReadOnlyList<string> EventIds);
