using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Server.Features.DeviceApi;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetManager.Server.OpenApi;

/// <summary>Words and names of types: the device API speaks snake case, as the reference does, so its types are described in it.</summary>
internal sealed class SchemaWords : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        schema.Description = HandlerComments.Public(schema.Description);
        if (schema.Properties is { Count: > 0 } properties && context.JsonTypeInfo.Type.Namespace == typeof(DeviceApiJson).Namespace)
        {
            var names = context.JsonTypeInfo.Properties
                .Where(p => p.AttributeProvider is MemberInfo member && !member.IsDefined(typeof(JsonPropertyNameAttribute)))
                .ToDictionary(p => p.Name, p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name));
            schema.Properties = properties.ToDictionary(p => names.GetValueOrDefault(p.Key, p.Key), p => p.Value);
            schema.Required = schema.Required?.Select(r => names.GetValueOrDefault(r, r)).ToHashSet();
        }

        return Task.CompletedTask;
    }
}
