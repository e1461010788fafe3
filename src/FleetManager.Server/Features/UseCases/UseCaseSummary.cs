namespace FleetManager.Server.Features.UseCases;

/// <summary>A use case with what its events add up to, as far as the history window reaches.</summary>
/// <param name="Id">Immutable public id.</param>
/// <param name="Name">Present name.</param>
/// <param name="Archived">Whether it is closed for new events and hidden from the default list.</param>
/// <param name="EventCount">How many events it holds.</param>
/// <param name="LastEventAt">Timestamp of the latest event; null when there is none.</param>
/// <param name="EventTypes">Types of its events, sorted.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record UseCaseSummary(
    string Id,
    string Name,
    bool Archived,
    long EventCount,
    DateTimeOffset? LastEventAt,
    IReadOnlyList<string> EventTypes,
    DateTimeOffset CreatedAt);

/// <summary>How a change of a use case ended.</summary>
internal enum UseCaseOutcome
{
    /// <summary>It is as asked for now, or was so already.</summary>
    Done,

    /// <summary>There is none of that id in the workspace.</summary>
    NotFound,

    /// <summary>Another one has that name.</summary>
    Duplicate,

    /// <summary>The name can not be used; the message says why.</summary>
    Invalid,
}

/// <param name="Outcome">How it ended.</param>
/// <param name="UseCase">The use case afterwards; null when nothing was done.</param>
/// <param name="Message">What is wrong and what to do; null when it was done.</param>
internal sealed record UseCaseResult(UseCaseOutcome Outcome, UseCaseSummary? UseCase, string? Message);
