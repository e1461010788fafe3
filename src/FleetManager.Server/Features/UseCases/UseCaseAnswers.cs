using System.Text.Json.Serialization;

namespace FleetManager.Server.Features.UseCases;

/// <param name="UseCases">By name.</param>
/// <param name="LookbackDays">How far back events can be seen.</param>
internal sealed record UseCaseListAnswer(IReadOnlyList<UseCaseDto> UseCases, int LookbackDays);

/// <param name="Id">What events name in <c>useCaseId</c>.</param>
/// <param name="Name">Present name.</param>
/// <param name="Status"><c>active</c> or <c>inactive</c> (archived).</param>
/// <param name="EventCount">How many events can be seen.</param>
/// <param name="LastEventTimestamp">Timestamp of the latest one.</param>
/// <param name="EventTypes">Their types.</param>
/// <param name="CreatedAt">When the use case was created.</param>
internal sealed record UseCaseDto(
    string Id,
    string Name,
    string Status,
    long EventCount,
    DateTimeOffset? LastEventTimestamp,
    IReadOnlyList<string> EventTypes,
    DateTimeOffset CreatedAt)
{
    public const string Active = "active";
    public const string Inactive = "inactive";

    public static UseCaseDto Of(UseCaseSummary useCase) => new(
        useCase.Id,
        useCase.Name,
        useCase.Archived ? Inactive : Active,
        useCase.EventCount,
        useCase.LastEventAt,
        useCase.EventTypes,
        useCase.CreatedAt);
}

/// <summary>What a name is sent in; read by hand, and said here for the API's documentation.</summary>
/// <param name="Name">1 to 256 characters.</param>
internal sealed record NameBody(string Name);

/// <param name="Id">Id of the use case.</param>
/// <param name="Name">Its name.</param>
internal sealed record UseCaseAnswer(string Id, string Name)
{
    public static UseCaseAnswer Of(UseCaseResult result) => new(result.UseCase!.Id, result.UseCase.Name);
}

/// <param name="Success">Always true.</param>
internal sealed record SuccessAnswer(bool Success);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UseCaseListAnswer))]
[JsonSerializable(typeof(UseCaseAnswer))]
[JsonSerializable(typeof(SuccessAnswer))]
internal sealed partial class UseCasesJson : JsonSerializerContext;
