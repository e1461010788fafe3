using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetManager.Server.OpenApi;

/// <summary>What the document says of the API as a whole.</summary>
internal sealed class WholeDescription : IOpenApiDocumentTransformer
{
    public const string BearerScheme = "Bearer";
    public const string QueryScheme = "QueryKey";

    private static readonly (string Name, string Description)[] s_tags =
    [
        ("Vision Events", "Send events and images, and find them again."),
        ("Use cases", "Named buckets of events. Create one before sending events to it."),
        ("Devices", "Devices of the fleet, and invitations for new ones."),
        ("Settings", "Desired settings of a device, and how far they have come."),
        ("Device API", "Devices as the reference's clients manage them: list, create, configuration, logs, telemetry, events."),
        ("Counts", "Events by hour, day and type, and which values fields have."),
        ("Workspace", "The workspace of the key."),
        ("API keys", "Keys of programs."),
        ("Agents", "What the agent on a device calls, with the device's own key."),
        ("Bootstrap", "What the Python SDK and command line of the Vision Events API call first."),
        ("Health", "For load balancers; no key needed."),
    ];

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "FleetManager API",
            Version = "v1",
            Description =
                "Every route takes a key, as `Authorization: Bearer KEY` or as `?api_key=KEY`. API keys are made in the console under API keys, or by "
                + "`POST /api/v1/api-keys`; each device has a key of its own. A key belongs to one workspace: what another one owns answers 404.\n\n"
                + "Every error is `{\"error\":\"…\"}` with a sentence that says what is wrong and what to do. 429 and 503 carry `Retry-After`.",
            License = new OpenApiLicense { Name = "Apache-2.0", Url = new Uri("https://www.apache.org/licenses/LICENSE-2.0") },
        };
        foreach (var server in document.Servers ?? [])
        {
            server.Url = server.Url?.TrimEnd('/');
        }

        document.Components ??= new OpenApiComponents();
        document.AddComponent(BearerScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key, or a device's key, as `Authorization: Bearer KEY`.",
        });
        document.AddComponent(QueryScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Query,
            Name = "api_key",
            Description = "The same key in the query, as device clients of the reference send it. Prefer the header: queries end up in the logs of proxies.",
        });

        var used = document.Paths.Values
            .SelectMany(path => path.Operations ?? [])
            .SelectMany(operation => operation.Value.Tags ?? new HashSet<OpenApiTagReference>())
            .Select(tag => tag.Name!)
            .ToHashSet();
        document.Tags = s_tags.Where(t => used.Contains(t.Name)).Select(t => new OpenApiTag { Name = t.Name, Description = t.Description })
            .Concat(used.Except(s_tags.Select(t => t.Name)).Order().Select(name => new OpenApiTag { Name = name }))
            .ToHashSet();
        return Task.CompletedTask;
    }
}
