using System.Text.RegularExpressions;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.OpenApi;

namespace FleetManager.Server.Tests.OpenApi;

/// <summary>The document as the running server gives it, beside the routes that it must describe.</summary>
internal sealed partial class ApiDocument
{
    // Routes that are no part of the API: pages and what they load.
    private static readonly string[] s_excluded = ["/", "/w/{workspace}/images/{sourceId}", "/docs", "/openapi", "/_blazor", "/_framework", "/Error", "/{path}"];

    private ApiDocument(string json, OpenApiDocument document, IReadOnlyList<Route> routes) => (Json, Document, Routes) = (json, document, routes);

    public string Json { get; }

    public OpenApiDocument Document { get; }

    public IReadOnlyList<Route> Routes { get; }

    public static async Task<ApiDocument> ReadAsync(FleetApplication fleet)
    {
        using var client = fleet.ClientFor();
        var json = (await client.GetForAnswerAsync("/openapi/v1.json")).Text;
        var read = OpenApiDocument.Parse(json, "json");
        Assert.Empty(read.Diagnostic!.Errors.Select(e => $"{e.Pointer} {e.Message}"));
        Assert.Empty(read.Diagnostic.Warnings.Select(w => $"{w.Pointer} {w.Message}"));

        var document = read.Document!;
        var routes = fleet.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<ComponentTypeMetadata>() is null && e.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            .Select(e => (Endpoint: e, Path: PathOf(e)))
            .Where(r => !s_excluded.Any(x => r.Path == x && r.Endpoint.Metadata.GetMetadata<KeyNeed>() is null || x.Length > 1 && r.Path.StartsWith(x, StringComparison.Ordinal)))
            .SelectMany(r => r.Endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Where(m => m != "HEAD").DefaultIfEmpty("GET") ?? ["*"], (r, method) => new Route(
                $"{method} {r.Path}",
                r.Endpoint.Metadata.GetMetadata<KeyNeed>(),
                document.Paths.TryGetValue(r.Path, out var path) && path.Operations!.TryGetValue(new HttpMethod(method), out var operation) ? operation : null))
            .ToList();
        return new ApiDocument(json, document, routes);
    }

    private static string PathOf(RouteEndpoint endpoint) =>
        "/" + Constraint().Replace(endpoint.RoutePattern.RawText ?? "", "{$1}").Trim('/');

    // Up to the brace that ends the parameter: a constraint may hold a regular expression.
    [GeneratedRegex(@"\{\**(\w+)(?::[^{}]*(?:\([^)]*\))?)?\??\}")]
    private static partial Regex Constraint();

    /// <param name="Name">Method and path.</param>
    /// <param name="Need">What key it takes; null when none.</param>
    /// <param name="Operation">What the document says of it; null when nothing.</param>
    internal sealed record Route(string Name, KeyNeed? Need, OpenApiOperation? Operation);
}
