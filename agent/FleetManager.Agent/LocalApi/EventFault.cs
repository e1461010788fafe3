
namespace FleetManager.Agent.LocalApi;

/// <summary>Why an event was refused.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">Path and index of the fault, and what is allowed there.</param>
internal sealed record EventFault(int Status, string Detail)
{
    public static EventFault Invalid(string path, string rule) => new(StatusCodes.Status422UnprocessableEntity, $"{path} {rule}");
}
