namespace FleetManager.Agent.LocalApi;

/// <summary>The description of the API and a page to read and try it, both from within the program: a device may have no network.</summary>
internal static class DocsApi
{
    private const string OpenApi = "openapi.json";
    private const string Page = "docs.html";

    // The page's script and style are its own; nothing else may run in it.
    private const string Policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/docs", (RequestDelegate)(context =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            return SendAsync(context, Page, "text/html; charset=utf-8");
        }));
        routes.MapGet("/openapi.json", (RequestDelegate)(context => SendAsync(context, OpenApi, "application/json")));
    }

    private static async Task SendAsync(HttpContext context, string name, string type)
    {
        await using var content = typeof(DocsApi).Assembly.GetManifestResourceStream(name)!;
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
