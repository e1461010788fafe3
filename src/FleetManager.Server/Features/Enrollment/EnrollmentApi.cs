using System.Globalization;
using System.Text.Json.Serialization;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Enrollment;

/// <summary>How a device comes into the fleet, and how a script makes it an invitation.</summary>
internal static class EnrollmentApi
{
    private const int MaxBytes = 16 * 1024;
    private const int GuessesPerMinute = 10;

    public static void MapEnrollment(this IEndpointRouteBuilder app)
    {
        var guesses = new FailureLimit(GuessesPerMinute, app.ServiceProvider.GetRequiredService<TimeProvider>());
        app.MapPost("/agent/v1/enroll", (HttpContext context, EnrollmentService enrollment, CancellationToken cancellationToken) =>
                EnrollAsync(context, enrollment, guesses, cancellationToken))
            .AllowAnonymous()
            .DisableAntiforgery()
            .WithTags("Agents")
            .WithName("Enroll")
            .WithSummary("Turns an enrollment token into a device")
            .Accepts<EnrollRequest>("application/json", JsonBody.AnyType)
            .Produces<EnrollAnswer>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status401Unauthorized)
            .Produces<ErrorAnswer>(StatusCodes.Status410Gone)
            .Produces<ErrorAnswer>(StatusCodes.Status429TooManyRequests)
            .Produces<ErrorAnswer>(StatusCodes.Status503ServiceUnavailable)
            .WithDescription(
                "200; 400 malformed; 401 unknown token; 410 expired or used up; 429 after too many unknown tokens from one address. Safe to repeat: the same "
                + "token with the same key gets the same device, and counts no use.");
        app.MapPost("/api/v1/enrollment-tokens", CreateTokenAsync)
            .RequireApiKey(Scopes.DeviceUpdate)
            .WithTags("Devices")
            .WithName("CreateEnrollmentToken")
            .WithSummary("Makes an enrollment token; it is shown this once")
            .Accepts<TokenRequest>("application/json", JsonBody.AnyType)
            .Produces<TokenAnswer>(StatusCodes.Status201Created)
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest);
        app.MapPost("/api/v1/devices/{deviceId}/enrollment-token", RenewAsync)
            .RequireApiKey(Scopes.DeviceUpdate)
            .WithTags("Devices")
            .WithName("RenewEnrollmentToken")
            .WithSummary("Makes a new token for a device that waits for its key; earlier ones end")
            .Produces<TokenAnswer>(StatusCodes.Status201Created)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound)
            .Produces<ErrorAnswer>(StatusCodes.Status409Conflict);
    }

    /// <summary>200; 400 malformed; 401 unknown token; 410 expired or used up; 429 after too many unknown tokens from one address.</summary>
    private static async Task<IResult> EnrollAsync(
        HttpContext context,
        EnrollmentService enrollment,
        FailureLimit guesses,
        CancellationToken cancellationToken)
    {
        var (request, malformed) = await JsonBody.ReadAsync(context.Request, ContractsJson.Default.EnrollRequest, MaxBytes, cancellationToken);
        if (request is null)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, malformed!);
        }

        switch (await enrollment.EnrollAsync(request, HostOf(context.Request), cancellationToken))
        {
            case EnrollResult.Enrolled enrolled:
                return TypedResults.Json(enrolled.Answer, ContractsJson.Default.EnrollAnswer);
            case EnrollResult.Malformed fault:
                return Refusal.Of(StatusCodes.Status400BadRequest, fault.Error);
            case EnrollResult.TokenSpent spent:
                return Refusal.Of(StatusCodes.Status410Gone, spent.Error);
            default:
                if (guesses.Note(context.Connection.RemoteIpAddress) is { Ticks: > 0 } wait)
                {
                    var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                    context.Response.Headers.RetryAfter = seconds;
                    return Refusal.Of(StatusCodes.Status429TooManyRequests, $"Too many unknown enrollment tokens from this address; try again in {seconds} s.");
                }

                return Refusal.Of(StatusCodes.Status401Unauthorized, "This enrollment token is unknown; make one in the console under Devices, Add device.");
        }
    }

    /// <summary>201 with the token; 404 when the key's workspace has no such device; 409 when it has its key already, or was revoked.</summary>
    private static async Task<IResult> RenewAsync(string deviceId, Caller caller, EnrollmentService enrollment, CancellationToken cancellationToken) =>
        await enrollment.RenewInstallIdAsync(caller.WorkspaceId, deviceId, caller.Actor, cancellationToken) switch
        {
            RenewResult.Renewed renewed => TypedResults.Json(
                new TokenAnswer(renewed.InstallId, 1, renewed.ExpiresAt), EnrollmentJson.Default.TokenAnswer, statusCode: StatusCodes.Status201Created),
            RenewResult.NotWaiting => Refusal.Of(StatusCodes.Status409Conflict, $"Device '{deviceId}' has its key already, or was revoked: create another device."),
            _ => DevicesApi.NotFound(deviceId),
        };

    /// <summary>The host that the agent reached us by; an IPv6 address without the brackets that only URLs need.</summary>
    private static string HostOf(HttpRequest request) => request.Host.Host.Trim('[', ']');

    /// <summary>201 with the token; 400 when uses or lifetime are out of range. An empty body makes a token for one device and one hour.</summary>
    private static async Task<IResult> CreateTokenAsync(
        HttpRequest http,
        Caller caller,
        EnrollmentService enrollment,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (request, malformed) = http.ContentLength is 0
            ? (new TokenRequest(null, null), null)
            : await JsonBody.ReadAsync(http, EnrollmentJson.Default.TokenRequest, MaxBytes, cancellationToken);
        if (request is null)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, malformed!);
        }

        var uses = request.Uses ?? 1;
        var lifetime = request.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, int.MaxValue)) : EnrollmentService.DefaultLifetime;
        if (EnrollmentService.Fault(uses, lifetime) is { } fault)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, fault);
        }

        var token = await enrollment.CreateTokenAsync(caller.WorkspaceId, uses, lifetime, caller.Actor, cancellationToken);
        return TypedResults.Json(
            new TokenAnswer(token, uses, time.GetUtcNow() + lifetime), EnrollmentJson.Default.TokenAnswer, statusCode: StatusCodes.Status201Created);
    }
}

/// <param name="Uses">Devices that it admits, 1 when absent.</param>
/// <param name="LifetimeSeconds">3600 when absent, at most 30 days.</param>
internal sealed record TokenRequest(int? Uses, long? LifetimeSeconds);

/// <param name="Token">The secret, shown this once.</param>
/// <param name="Uses">Devices that it admits.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record TokenAnswer(string Token, int Uses, DateTimeOffset ExpiresAt);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class EnrollmentJson : JsonSerializerContext;
