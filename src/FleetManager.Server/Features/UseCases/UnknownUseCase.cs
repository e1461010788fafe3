using FleetManager.Contracts.Agents;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.UseCases;

/// <summary>What routes answer when the use case that they name is not there.</summary>
internal static class UnknownUseCase
{
    public static NotFound<ErrorAnswer> Answer(string named) => TypedResults.NotFound(new ErrorAnswer($"Use case '{named}' does not exist in this workspace."));
}
