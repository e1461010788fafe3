using System.Text.Encodings.Web;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Keys;

/// <summary>
/// Reads the key of a request: <c>Authorization: Bearer KEY</c>, or <c>?api_key=KEY</c> as the reference's device clients send it
/// (vision-events.md 2). Refusals are the reference's <c>{"error":"…"}</c>.
/// </summary>
internal sealed class KeyAuthentication(
    KeyService keys,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Key";
    private const string Bearer = "Bearer ";
    private const int MaxLength = 200;

    /// <summary>The key that the request carries, of either kind; null when there is none.</summary>
    public static string? KeyOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var key = header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : request.Query["api_key"].ToString();
        return key.Length == 0 ? null : key;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (KeyOf(Request) is not { } key)
        {
            return AuthenticateResult.NoResult();
        }

        var (caller, refusal) = key.Length > MaxLength
            ? Recognition.Refused($"An API key has at most {MaxLength} characters.")
            : await keys.RecogniseAsync(key, Context.RequestAborted);
        return caller is null
            ? AuthenticateResult.Fail(refusal!)
            : AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(SchemeName), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties) =>
        await RefuseAsync(
            StatusCodes.Status401Unauthorized,
            (await HandleAuthenticateOnceAsync()).Failure?.Message ?? "No API key: send it as 'Authorization: Bearer KEY' or as '?api_key=KEY'.");

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        RefuseAsync(StatusCodes.Status403Forbidden, "Insufficient permissions for this resource.");

    private Task RefuseAsync(int status, string error)
    {
        Response.StatusCode = status;
        return Response.WriteAsJsonAsync(new ErrorAnswer(error), ContractsJson.Default.ErrorAnswer, cancellationToken: Context.RequestAborted);
    }
}
