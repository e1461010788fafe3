using System.Globalization;
using System.Text.Json.Nodes;
using FleetManager.Server.Features.Keys;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetManager.Server.OpenApi;

/// <summary>
/// Examples from the files of <c>Examples/</c>, found by the route's name: <c>NAME.request.json</c>, <c>NAME.STATUS.json</c>, and a command <c>NAME.sh</c>
/// where the body is no JSON; for the others a command is made of the example.
/// </summary>
internal sealed class RouteExamples(TimeProvider time) : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var server = context.Document?.Servers?.FirstOrDefault()?.Url?.TrimEnd('/') ?? "";
        var request = Read($"{operation.OperationId}.request.json", server);
        foreach (var media in operation.RequestBody?.Content?.Values.OfType<OpenApiMediaType>() ?? [])
        {
            media.Example = Parse(request);
        }

        foreach (var (status, answer) in operation.Responses ?? [])
        {
            foreach (var media in answer.Content?.Values.OfType<OpenApiMediaType>() ?? [])
            {
                media.Example = Parse(Read($"{operation.OperationId}.{status}.json", server));
            }
        }

        if ((Read($"{operation.OperationId}.sh", server) ?? (request is null ? null : Curl(context, server, request))) is { } command)
        {
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            operation.Extensions["x-codeSamples"] = new JsonNodeExtension(new JsonArray(new JsonObject { ["lang"] = "Shell", ["label"] = "curl", ["source"] = command }));
        }

        return Task.CompletedTask;
    }

    private static string Curl(OpenApiOperationTransformerContext context, string server, string body)
    {
        var hasKey = context.Description.ActionDescriptor.EndpointMetadata.OfType<KeyNeed>().Any();
        return $"""
            curl -X {context.Description.HttpMethod} "{server}/{context.Description.RelativePath}" \
              -H "Content-Type: application/json" \{(hasKey ? "\n  -H \"Authorization: Bearer YOUR_API_KEY\" \\" : "")}
              -d '{body.TrimEnd().ReplaceLineEndings("\n  ")}'
            """;
    }

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);

    /// <summary>
    /// Null when there is no such file. <c>{now}</c> in it is the present time, because an event may not be old; <c>{server}</c> is the address by which
    /// the reader reached us.
    /// </summary>
    private string? Read(string name, string server)
    {
        using var stream = typeof(RouteExamples).Assembly.GetManifestResourceStream("examples/" + name);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        var now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return reader.ReadToEnd().Replace("{now}", now, StringComparison.Ordinal).Replace("{server}", server, StringComparison.Ordinal);
    }
}
