namespace FleetManager.Contracts.Events;

/// <summary>Answer of <c>POST /vision-events/upload</c> (vision-events.md 6): 201.</summary>
/// <param name="Success">Always true.</param>
/// <param name="SourceId">What events name in <c>images[].sourceId</c> and <c>inputSourceId</c>.</param>
/// <param name="Url">Where the original can be fetched.</param>
public sealed record UploadAnswer(bool Success, string SourceId, string? Url);
