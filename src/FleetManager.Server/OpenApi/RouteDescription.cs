using System.Text.Json.Nodes;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetManager.Server.OpenApi;

/// <summary>What is the same for all routes: where the words stand, what the key must be, and the examples. A new route gets it by being mapped.</summary>
internal sealed class RouteDescription(TimeProvider time) : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        DescribeKey(operation, context.Document!, metadata.OfType<KeyNeed>().LastOrDefault());

        // The XML comment of a handler tells its answers: that is the description; the summary is the one line of the mapping.
        if (metadata.OfType<IEndpointSummaryMetadata>().LastOrDefault() is { } line && operation.Summary != line.Summary)
        {
            operation.Description = string.Join("\n\n", new[] { operation.Summary, operation.Description }.Where(t => !string.IsNullOrEmpty(t)));
            operation.Summary = line.Summary;
        }

        // Taken whatever type a body is declared as; what it must be is said by the other.
        operation.RequestBody?.Content?.Remove(JsonBody.AnyType);
        AddExamples(operation);
        return Task.CompletedTask;
    }

    private static void DescribeKey(OpenApiOperation operation, OpenApiDocument document, KeyNeed? need)
    {
        if (need is null)
        {
            return;
        }

        operation.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(ApiDescription.BearerScheme, document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(ApiDescription.QueryScheme, document)] = [] },
        ];
        var who = need.Kind switch { KeyKind.Device => "a device's own key", KeyKind.ApiKey => "an API key, not a device's", _ => "a key" };
        var scopes = need.Scopes.Count == 0 ? "" : $" with {(need.Scopes.Count == 1 ? "scope" : "any of the scopes")} {string.Join(", ", need.Scopes.Select(s => $"`{s}`"))}";
        operation.Description = $"{operation.Description}{(string.IsNullOrEmpty(operation.Description) ? "" : "\n\n")}**Key:** {who}{scopes}.";
    }

    private void AddExamples(OpenApiOperation operation)
    {
        if (operation.OperationId is not { } id)
        {
            return;
        }

        foreach (var media in operation.RequestBody?.Content?.Values.OfType<OpenApiMediaType>() ?? [])
        {
            media.Example = Json($"{id}.request.json");
        }

        foreach (var (status, answer) in operation.Responses ?? [])
        {
            foreach (var media in answer.Content?.Values.OfType<OpenApiMediaType>() ?? [])
            {
                media.Example = Json($"{id}.{status}.json");
            }
        }

        if (ReadText($"{id}.sh") is { } command)
        {
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            operation.Extensions["x-codeSamples"] = new JsonNodeExtension(new JsonArray(new JsonObject { ["lang"] = "Shell", ["label"] = "curl", ["source"] = command }));
        }
    }

    private JsonNode? Json(string name) => ReadText(name) is { } text ? JsonNode.Parse(text) : null;

    /// <summary>An example beside this file; <c>{now}</c> in it is the present time, because an event may not be old.</summary>
    private string? ReadText(string name)
    {
        using var stream = typeof(RouteDescription).Assembly.GetManifestResourceStream("examples/" + name);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return reader.ReadToEnd().Replace("{now}", now, StringComparison.Ordinal);
    }
}
