using System.Text.Json.Serialization;
using Scalar.AspNetCore;

namespace FleetManager.Server.OpenApi;

/// <summary>
/// The document of every REST route at <c>/openapi/v1.json</c>, and a page to read it at <c>/docs</c>. What it says comes from the routes
/// themselves: names, summaries and answers from their mapping, words from their XML comments, keys and scopes from their policies, examples
/// from the files beside this one.
/// </summary>
internal static class OpenApiSetup
{
    public const string DocsPath = "/docs";

    public static void AddApiReference(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOpenApi("v1", o =>
        {
            // A HEAD is its GET without the body: no operation of its own.
            o.ShouldInclude = route => !HttpMethods.IsHead(route.HttpMethod ?? "");
            o.AddDocumentTransformer<WholeDescription>();
            o.AddOperationTransformer<RouteDescription>();
            o.AddOperationTransformer<RouteExamples>();
            o.AddSchemaTransformer<SchemaWords>();
        });

        // Schemas follow these options: numbers are numbers, enums are words.
        builder.Services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            o.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        });
    }

    public static void MapApiReference(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi().AllowAnonymous();

        // Everything comes from this server: no fonts, no telemetry, no assistant, no offers and no proxy of others.
        app.MapScalarApiReference(DocsPath, o => o
                .WithTitle("FleetManager API")
                .WithNonce()
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .HideDeveloperTools()
                .HideClientButton()
                .DisableMcp())
            .AllowAnonymous();
    }
}
