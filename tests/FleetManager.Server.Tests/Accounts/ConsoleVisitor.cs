using System.Net;
using System.Text.RegularExpressions;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Accounts;

/// <summary>Fills in forms as a browser does: keeps cookies, sends the hidden fields along, and shows redirects instead of following them.</summary>
internal sealed partial class ConsoleVisitor : IDisposable
{
    public const string Email = "ann@example.com";
    public const string Password = "correct horse battery";

    private readonly HttpClient _http;

    public ConsoleVisitor(FleetApplication fleet) =>
        _http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = fleet.Address };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A visitor who is signed in as the owner of the first workspace.</summary>
    public static async Task<ConsoleVisitor> OwnerAsync(FleetApplication fleet)
    {
        var visitor = new ConsoleVisitor(fleet);
        var link = await fleet.Service<LinkService>().RenewFirstAdminAsync(Cancellation);
        var answer = await visitor.SubmitAsync(link!, ("Email", Email), ("Password", Password), ("Repeated", Password));
        Assert.Equal(HttpStatusCode.Redirect, answer.Status);
        return visitor;
    }

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>Opens the page, fills its form in and submits it.</summary>
    public async Task<Answer> SubmitAsync(string path, params (string Name, string Value)[] fields)
    {
        var page = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var hidden = HiddenField().Matches(page.Body).Select(m => (Name: m.Groups["name"].Value, Value: WebUtility.HtmlDecode(m.Groups["value"].Value)));
        return await PostAsync(path, [.. hidden, .. fields]);
    }

    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        });

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        using (var response = await _http.SendAsync(request, Cancellation))
        {
            var location = response.Headers.Location;
            return new Answer(
                response.StatusCode,
                WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Cancellation)),
                location is { IsAbsoluteUri: true } ? location.PathAndQuery : location?.OriginalString,
                response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value)));
        }
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)" ?/>""")]
    private static partial Regex HiddenField();

    /// <param name="Status">Status.</param>
    /// <param name="Body">HTML, entities decoded.</param>
    /// <param name="Location">Path and query of a redirect.</param>
    /// <param name="Headers">Headers of the answer.</param>
    internal sealed record Answer(HttpStatusCode Status, string Body, string? Location, IReadOnlyDictionary<string, string> Headers);
}
