using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Setup;

/// <summary>Every refusal of a REST route: <c>{"error":"…"}</c>.</summary>
internal static class Refusal
{
    public static JsonHttpResult<ErrorAnswer> Of(int status, string error) =>
        TypedResults.Json(new ErrorAnswer(error), ContractsJson.Default.ErrorAnswer, statusCode: status);
}
