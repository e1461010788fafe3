using System.Text.Json;
using System.Text.RegularExpressions;
using FleetManager.Agent.LocalApi;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace FleetManager.Agent.Tests.LocalApi;

/// <summary>The description is kept by hand, so these keep it true: each route is in it, each of its examples is accepted, each answer is as it says.</summary>
public sealed partial class DocsTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;
    private JsonElement _api;

    public async ValueTask InitializeAsync()
    {
        _fixture = await ApiFixture.StartAsync();
        _api = (await _fixture.GetAsync("/openapi.json")).Body;
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Description_HasEveryRouteAndNoOther()
    {
        await using var application = WebApplication.CreateSlimBuilder().Build();
        _fixture.Api.Map(application);
        var mapped = ((IEndpointRouteBuilder)application).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText}"));

        Assert.Equal(mapped.Order(), Operations().Select(o => $"{o.Method} {o.Path}").Order());
    }

    [Fact]
    public void EveryOperation_IsWhole()
    {
        foreach (var (method, path, operation) in Operations())
        {
            var at = $"{method} {path}";
            Assert.False(string.IsNullOrEmpty(operation.GetProperty("summary").GetString()), at);
            Assert.True(_api.GetProperty("tags").EnumerateArray().Any(t => t.GetProperty("name").GetString() == operation.GetProperty("tags")[0].GetString()), at);
            Assert.Equal(path != "/health", operation.GetProperty("responses").TryGetProperty("401", out _));
            var parameters = operation.TryGetProperty("parameters", out var list) ? list.EnumerateArray().Select(Resolve).ToList() : [];
            Assert.Equal(
                Placeholder().Matches(path).Select(m => m.Groups[1].Value),
                parameters.Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!));
        }

        foreach (Match reference in Reference().Matches(_api.GetRawText()))
        {
            Resolve(JsonDocument.Parse($"{{{reference.Value}}}").RootElement);
        }
    }

    [Fact]
    public async Task EveryExampleOfABody_IsTaken()
    {
        var draft = await _fixture.CreateAsync(""" "draft":true """);
        var tried = 0;
        foreach (var (method, path, operation) in Operations())
        {
            if (!operation.TryGetProperty("requestBody", out var body) || !body.GetProperty("content").TryGetProperty("application/json", out var content))
            {
                continue;
            }

            var expected = operation.GetProperty("responses").EnumerateObject().Select(r => int.Parse(r.Name, System.Globalization.CultureInfo.InvariantCulture)).Min();
            foreach (var example in content.GetProperty("examples").EnumerateObject())
            {
                var (status, answer) = await _fixture.PostAsync(example.Value.GetProperty("value").GetRawText(), path.Replace("{id}", draft, StringComparison.Ordinal));
                Assert.True(status == expected, $"{method} {path} {example.Name}: {status} {answer}");
                AssertDescribed(answer, Schema(operation, status), $"{method} {path}");
                tried++;
            }
        }

        Assert.True(tried >= 10, $"{tried}");
    }

    [Fact]
    public async Task EveryAnswerToARead_IsAsDescribed()
    {
        var id = await _fixture.CreateAsync($$""" "images":[{"base64Image":"{{Pictures.Base64("p")}}","objectDetections":[{"class":"a"}]}],"custom_metadata":{"a":1},"workflow_version":"2","comment":"c" """);
        await _fixture.CreateAsync(""" "draft":true """);
        await _fixture.CreateAsync();
        await _fixture.Stored.ParkAsync("nope", 2);
        _fixture.Stored.Store.Usage.Add(FleetManager.Agent.EventStore.UsageSample.Of(_fixture.Stored.Store, _fixture.Stored.Time.GetUtcNow()));
        await _fixture.PostAsync("", "/v2/cleanup");
        foreach (var (method, path, operation) in Operations().Where(o => o.Method == "GET" && o.Path is not ("/docs" or "/openapi.json" or "/v2/images/{hash}")))
        {
            var (status, answer) = await _fixture.GetAsync(path.Replace("{id}", id, StringComparison.Ordinal));

            Assert.Equal(200, status);
            AssertDescribed(answer, Schema(operation, 200), $"{method} {path}");
        }
    }

    [Fact]
    public async Task Page_NeedsNothingFromElsewhere()
    {
        using var answer = await _fixture.Client.GetAsync(_fixture.Url("/docs"), TestContext.Current.CancellationToken);
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryFilter_IsDescribed()
    {
        var described = Operations().Single(o => o.Path == "/v2/events/latest/query").Operation.GetProperty("parameters").EnumerateArray()
            .Select(p => Resolve(p).GetProperty("name").GetString()!);

        Assert.Equal(QueryApi.Parameters.Order(), described.Order());
    }

    private IEnumerable<(string Method, string Path, JsonElement Operation)> Operations() =>
        from path in _api.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        select (method.Name.ToUpperInvariant(), path.Name, method.Value);

    private JsonElement Schema(JsonElement operation, int status) =>
        Resolve(Resolve(operation.GetProperty("responses").GetProperty($"{status}")).GetProperty("content").GetProperty("application/json").GetProperty("schema"));

    private JsonElement Resolve(JsonElement element) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference)
        ? reference.GetString()!.Split('/').Skip(1).Aggregate(_api, (part, name) => part.GetProperty(name))
        : element;

    /// <summary>Every member that is there is described, and every one that must be there is.</summary>
    private void AssertDescribed(JsonElement value, JsonElement schema, string at)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("anyOf", out var choices))
        {
            schema = Resolve(choices[0]);
        }

        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var item in value.EnumerateArray())
            {
                AssertDescribed(item, items, at);
            }
        }

        if (value.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties))
        {
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            Assert.True(properties.TryGetProperty(member.Name, out var described), $"{at}: {member.Name} is not described");
            AssertDescribed(member.Value, described, $"{at}: {member.Name}");
        }

        if (schema.TryGetProperty("required", out var required))
        {
            Assert.All(required.EnumerateArray(), name => Assert.True(value.TryGetProperty(name.GetString()!, out _), $"{at}: {name} is missing"));
        }
    }

    [GeneratedRegex("""\{(\w+)\}""")]
    private static partial Regex Placeholder();

    [GeneratedRegex("\"\\$ref\"\\s*:\\s*\"[^\"]+\"")]
    private static partial Regex Reference();
}
