using System.Reflection;
using System.Text.Json;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetManager.Server.OpenApi;

/// <summary>What is the same for all routes: where the words stand, what the key must be. A new route gets it by being mapped.</summary>
internal sealed class RouteDescription : IOpenApiOperationTransformer
{
    private static readonly Dictionary<string, string> s_parameters = new()
    {
        ["workspace"] = "Slug of the key's workspace.",
        ["deviceId"] = "Id of the device.",
        ["useCaseId"] = "Id of the use case.",
        ["sourceId"] = "Id of the image, as its upload answered.",
        ["variant"] = "`display` for a format that every browser shows, `256` or `1024` for a thumbnail.",
        ["streamId"] = "Id of the stream.",
        ["installId"] = "Install id, as creating the device answered it.",
        ["package"] = "`linux-x64` or `linux-arm64` for the program in a `.tar.gz`, with `.deb` behind it for Debian's package.",
        // Renamed in the query, so that the framework does not find their comments.
        ["start_time"] = "ISO time: what happened from then on.",
        ["end_time"] = "ISO time: what happened until then.",
        ["time_period"] = "`1h`, `24h`, `7d` or `14d`; 24h when absent.",
        ["entity_type"] = "What of the device: `device`, `presence`, `agent`, `settings` or `event_store`.",
        ["entity_id"] = "Which one; here always the device's id.",
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
            new() { [new OpenApiSecuritySchemeReference(WholeDescription.BearerScheme, document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(WholeDescription.QueryScheme, document)] = [] },
        ];
        var kind = need.Kind == KeyKind.Any && need.Scopes.Count > 0 && !need.Scopes.Any(Scopes.OfDevices.Contains) ? KeyKind.ApiKey : need.Kind;
        var who = kind switch { KeyKind.Device => "a device's own key", KeyKind.ApiKey => "an API key", _ => "an API key or a device's key" };
        var scopes = need.Scopes.Count == 0 ? "" : $" with {(need.Scopes.Count == 1 ? "scope" : "any of the scopes")} {string.Join(", ", need.Scopes.Select(s => $"`{s}`"))}";
        operation.Description = $"{operation.Description}{(string.IsNullOrEmpty(operation.Description) ? "" : "\n\n")}**Key:** {who}{scopes}.{(kind == KeyKind.ApiKey ? " A device's key is refused." : "")}";
    }
}
