namespace FleetManager.Server.Components;

/// <summary>
/// Headers of every answer, and no live connection from another site. Inline styles stay allowed, because MudBlazor places its popovers
/// with them; scripts come from this server only.
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    // The API reference page (/docs) brings its own scripts and styles inline.
    private static readonly PathString s_docs = "/docs";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (!context.Request.Path.StartsWithSegments(s_docs))
        {
            headers.ContentSecurityPolicy = Policy;
        }

        if (context.Request.Path.StartsWithSegments("/_blazor") && !IsSameOrigin(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        return next(context);
    }

    // WebSockets know no same-origin rule: without this any site could ride on the cookie of a visitor.
    private static bool IsSameOrigin(HttpRequest request) =>
        request.Headers.Origin is not [{ } origin, ..]
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
}
