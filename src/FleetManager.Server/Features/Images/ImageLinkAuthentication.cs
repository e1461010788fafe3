using System.Text.Encodings.Web;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Keys;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images;

/// <summary>Admits who holds a signed link to an image, as a caller who may read that one image and nothing else.</summary>
internal sealed class ImageLinkAuthentication(
    ImageLinks links,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ImageLink";

    /// <summary>A signed link, or a key: whichever the request carries. A key wins, since it is given on purpose.</summary>
    public const string OrKey = "ImageLinkOrKey";

    public static string Choose(HttpContext http) =>
        KeyAuthentication.KeyOf(http.Request) is null && http.Request.Query.ContainsKey(ImageLinks.Signature) ? SchemeName : KeyAuthentication.SchemeName;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (links.Check(Request.Query, RouteText("sourceId"), RouteText("variant")) is not { } workspaceId)
        {
            return Task.FromResult(AuthenticateResult.Fail("bad link"));
        }

        var holder = new Caller { WorkspaceId = workspaceId, WorkspaceSlug = "", Actor = "link", GrantedScopes = new HashSet<string> { Scopes.VisionEventsRead } };
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(holder.ToPrincipal(SchemeName), SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Response.WriteAsJsonAsync(
            new ErrorAnswer("This link has expired or was changed. Query the event again for a new one, or send an API key."),
            ContractsJson.Default.ErrorAnswer,
            cancellationToken: Context.RequestAborted);
    }

    private string RouteText(string name) => Request.RouteValues[name] as string ?? "";
}
