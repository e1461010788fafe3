using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Tests.Hosting;
using Microsoft.OpenApi;

namespace FleetManager.Server.Tests.OpenApi;

/// <summary>Every route of the running server is described, wholly, and its examples are true.</summary>
public sealed partial class DocumentTests(SharedFleet shared) : IClassFixture<SharedFleet>
{
    // A route of the reference whose things this server does not have.
    private const string NeverSucceeds = "GetDeviceStream";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private FleetApplication Fleet => shared.Application;

    [Fact]
    public async Task Document_EveryRoute_IsDescribedWholly()
    {
        var api = await ApiDocument.ReadAsync(Fleet);

        var lacking = api.Routes.SelectMany(route => Lacks(route).Select(what => $"{route.Name}: {what}")).ToList();

        Assert.True(api.Routes.Count > 25, $"Only {api.Routes.Count} routes were found.");
        Assert.True(lacking.Count == 0, string.Join(Environment.NewLine, lacking));
    }

    [Fact]
    public async Task Document_OperationIds_AreUnique()
    {
        var api = await ApiDocument.ReadAsync(Fleet);

        var ids = api.Routes.Select(r => r.Operation?.OperationId).ToList();

        Assert.Equal(ids.Order(), ids.Distinct().Order());
    }

    [Fact]
    public async Task Document_Keys_BothWaysOfSendingAndTheScopes()
    {
        var api = await ApiDocument.ReadAsync(Fleet);

        Assert.Equal(SecuritySchemeType.Http, api.Document.Components!.SecuritySchemes!["Bearer"].Type);
        Assert.Equal(("api_key", ParameterLocation.Query), (api.Document.Components.SecuritySchemes["QueryKey"].Name, api.Document.Components.SecuritySchemes["QueryKey"].In));
        foreach (var route in api.Routes)
        {
            Assert.Equal(route.Need is null ? [] : ["Bearer", "QueryKey"], (route.Operation!.Security ?? []).SelectMany(s => s.Keys).Select(k => k.Reference.Id).Order());
            Assert.All(route.Need?.Scopes ?? [], scope => Assert.Contains($"`{scope}`", route.Operation.Description, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Example_OfEveryJsonBody_IsTakenAsItStands()
    {
        var api = await ApiDocument.ReadAsync(Fleet);
        var useCase = await Fleet.AddUseCaseAsync("assembly-line-qa");
        var device = await Fleet.AddDeviceAsync();
        var keyId = (await Fleet.Service<ApiKeyService>().CreateAsync(Fleet.Workspace.Id, new NewApiKey("x"), new Grantor("test"), Cancellation)).Key!.Id;
        var token = await Fleet.Service<EnrollmentService>().CreateTokenAsync(Fleet.Workspace.Id, 1, TimeSpan.FromHours(1), "test", Cancellation);
        using var apiKey = await Fleet.KeyClientAsync();
        using var deviceKey = Fleet.ClientFor(device.Secret);
        var image = (string)(await apiKey.PostForAnswerAsync("/vision-events/upload", Images.Pictures.Upload(Images.Pictures.Jpeg()))).Json["sourceId"]!;

        foreach (var route in api.Routes)
        {
            if (route.Operation!.RequestBody?.Content?.SingleOrDefault(c => c.Key == "application/json").Value?.Example is not { } example)
            {
                continue;
            }

            // What only exists here stands in for what the example names.
            var (method, path) = (route.Name.Split(' ')[0], route.Name.Split(' ')[1]);
            path = Parameter().Replace(path.Replace("api-keys/{id}", $"api-keys/{keyId}", StringComparison.Ordinal), p => p.Groups[1].Value switch
            {
                "id" or "useCaseId" => useCase,
                "deviceId" => device.Id.Value,
                "workspace" => Fleet.Workspace.Slug,
                var other => throw new InvalidOperationException($"Say here what stands for {{{other}}} of {route.Name}."),
            });
            var body = Stands().Replace(example.ToJsonString(), s => s.Value[..2] switch { "fe" => token, "ab" => image, _ => device.Id.Value });
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            if (route.Operation.Parameters?.Any(p => p.Name == "If-Match") == true)
            {
                request.Headers.IfMatch.Add(new EntityTagHeaderValue("\"0\""));
            }

            var client = route.Need?.Kind == KeyKind.Device ? deviceKey : apiKey;
            using var answer = await client.SendAsync(request, Cancellation);

            Assert.True(
                answer.IsSuccessStatusCode && route.Operation.Responses!.ContainsKey(((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture)),
                $"{route.Name} answers its own example with {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancellation)}");
        }
    }

    [Fact]
    public async Task DocsPage_LoadsNothingFromElsewhere_AndItsOnlyInlineScriptCarriesAFreshNonce()
    {
        using var client = Fleet.ClientFor();
        using var first = await client.GetAsync("/docs", Cancellation);
        using var second = await client.GetAsync("/docs", Cancellation);
        var html = await first.Content.ReadAsStringAsync(Cancellation);

        var policy = first.Headers.GetValues("Content-Security-Policy").Single();
        var nonce = Nonce().Match(policy).Groups[1].Value;
        Assert.NotEmpty(nonce);
        Assert.NotEqual(policy, second.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal(Regex.Count(html, "<script"), Regex.Count(html, Regex.Escape($"nonce=\"{nonce}\"")));
        Assert.DoesNotContain("unsafe", policy.Split(';').Single(d => d.Contains("script-src", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.All(Source().Matches(html), s => Assert.DoesNotContain("//", s.Groups[1].Value, StringComparison.Ordinal));
        Assert.DoesNotContain("cdn", html, StringComparison.OrdinalIgnoreCase);
        foreach (Match source in Source().Matches(html))
        {
            using var script = await client.GetAsync(new Uri(new Uri(Fleet.Address, "/docs/"), source.Groups[1].Value.Replace("docs/", "", StringComparison.Ordinal)), Cancellation);
            Assert.Equal(HttpStatusCode.OK, script.StatusCode);
        }
    }

    private static IEnumerable<string> Lacks(ApiDocument.Route route)
    {
        if (route.Operation is not { } operation)
        {
            yield return "is not in the document";
            yield break;
        }

        var answers = operation.Responses ?? [];
        var body = operation.RequestBody?.Content;
        foreach (var (lacks, what) in new (bool, string)[]
        {
            (string.IsNullOrEmpty(operation.OperationId), "no name"),
            (string.IsNullOrEmpty(operation.Summary), "no summary"),
            (string.IsNullOrEmpty(operation.Description) || operation.Description.StartsWith("**Key:**", StringComparison.Ordinal), "no description: its handler has no XML comment"),
            (operation.Tags is not { Count: > 0 }, "no tag"),
            (!answers.Keys.Any(s => s[0] == '2') && operation.OperationId != NeverSucceeds, "no answer for success"),
            (route.Need is not null && !answers.ContainsKey("401"), "no 401"),
            (route.Need is not null && !answers.ContainsKey("403"), "no 403"),
            (route.Need is not null && !answers.ContainsKey("503"), "no 503"),
            (route.Name.Contains('{', StringComparison.Ordinal) && !answers.ContainsKey("404"), "no 404, though its path names something"),
            (operation.Parameters?.Any(p => string.IsNullOrEmpty(p.Description)) == true, "no description of a parameter: give it [Description]"),
            (operation.Parameters?.Any(p => p.In == ParameterLocation.Query) == true && !answers.ContainsKey("400"), "no 400, though it has parameters"),
            (body is not null && !answers.ContainsKey("400"), "no 400, though it has a body"),
            (body is not null && route.Need is not null && !answers.ContainsKey("413"), "no 413, though it has a body"),
            (body?.Values.Any(m => m.Schema is null) == true, "no schema of its body"),
            (body?.TryGetValue("application/json", out var json) == true && json.Example is null, $"no example of its body: add OpenApi/Examples/{operation.OperationId}.request.json"),
        })
        {
            if (lacks)
            {
                yield return what;
            }
        }

        foreach (var (status, answer) in answers)
        {
            if (status is not ("204" or "304" or "416") && (answer.Content is not { Count: > 0 } content || content.Values.Any(m => m.Schema is null)))
            {
                yield return $"no schema of its answer {status}";
            }
        }
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("fe_[0-9a-f]{64}|abc123def456|d-0198c5a27c1e7b7e")]
    private static partial Regex Stands();

    [GeneratedRegex("'nonce-([^']+)'")]
    private static partial Regex Nonce();

    [GeneratedRegex("""(?:src|href)="([^"]+)"|import .*? from '([^']+)'""")]
    private static partial Regex Source();
}
