using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetManager.Server.OpenApi;

/// <summary>What is the same for all routes: where the words stand, what the key must be, and the examples. A new route gets it by being mapped.</summary>
internal sealed class RouteDescription(TimeProvider time) : IOpenApiOperationTransformer
{
    private static readonly Dictionary<string, string> s_parameters = new()
    {
        ["workspace"] = "Slug of the key's workspace.",
        ["deviceId"] = "Id of the device.",
        ["useCaseId"] = "Id of the use case.",
        ["sourceId"] = "Id of the image, as its upload answered.",
        ["id"] = "Id of what the route is about, as its list gives it.",
    };

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Description ??= metadata.OfType<MethodInfo>().LastOrDefault() is { } handler ? HandlerComments.Of(handler) : null;
        DescribeKey(operation, context.Document!, metadata.OfType<KeyNeed>().LastOrDefault());
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            // Query values are found whatever their case; the rest of the API is in camel case.
            parameter.Name = parameter.In == ParameterLocation.Query ? JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!) : parameter.Name;
            parameter.Description ??= s_parameters.GetValueOrDefault(parameter.Name!);
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
            // Said, so that it is not taken for forgotten.
            operation.Security = [new()];
            return;
        }

        operation.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(ApiDescription.BearerScheme, document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(ApiDescription.QueryScheme, document)] = [] },
        ];
        var who = need.Kind switch { KeyKind.Device => "a device's own key", KeyKind.ApiKey => "an API key", _ => "an API key or a device's key" };
        var scopes = need.Scopes.Count == 0 ? "" : $" with {(need.Scopes.Count == 1 ? "scope" : "any of the scopes")} {string.Join(", ", need.Scopes.Select(s => $"`{s}`"))}";
        operation.Description = $"{operation.Description}{(string.IsNullOrEmpty(operation.Description) ? "" : "\n\n")}**Key:** {who}{scopes}.{(need.Kind == KeyKind.ApiKey ? " A device's key is refused." : "")}";
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
