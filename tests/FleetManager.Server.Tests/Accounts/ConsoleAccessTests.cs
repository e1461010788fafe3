using System.Net;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Accounts;

public sealed class ConsoleAccessTests
{
    [Theory]
    [InlineData("/w/default/vision-events")]
    [InlineData("/w/default/deployment-manager/devices")]
    [InlineData("/w/default/nothing-here")]
    public async Task Page_NotSignedIn_LeadsToSignInAndBack(string path)
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var visitor = new ConsoleVisitor(fleet);

        var answer = await visitor.GetAsync(path);

        Assert.Equal(HttpStatusCode.Redirect, answer.Status);
        Assert.Equal($"/account/sign-in?returnUrl={Uri.EscapeDataString(path)}", answer.Location);
    }

    [Fact]
    public async Task Page_ForeignOrUnknownWorkspace_SameNotFound()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);
        await fleet.AddWorkspaceAsync("others");

        var foreign = await owner.GetAsync("/w/others/vision-events");
        var unknown = await owner.GetAsync("/w/nowhere/vision-events");
        var noPage = await owner.GetAsync("/w/default/nothing-here");

        Assert.Equal(HttpStatusCode.NotFound, foreign.Status);
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Equal(HttpStatusCode.NotFound, noPage.Status);
    }

    [Fact]
    public async Task Circuit_FromAnotherSite_Refused()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);

        var foreign = await NegotiateAsync(owner, "https://evil.example");
        var own = await NegotiateAsync(owner, fleet.Address.GetLeftPart(UriPartial.Authority));

        Assert.Equal(HttpStatusCode.Forbidden, foreign);
        Assert.Equal(HttpStatusCode.OK, own);
    }

    [Fact]
    public async Task Circuit_NotSignedIn_Refused()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var visitor = new ConsoleVisitor(fleet);

        Assert.Equal(HttpStatusCode.Unauthorized, await NegotiateAsync(visitor, fleet.Address.GetLeftPart(UriPartial.Authority)));
    }

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/w/default/vision-events")]
    [InlineData("/app.css")]
    public async Task Answer_SecurityHeaders_There(string path)
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);

        var answer = await owner.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Equal("no-referrer", answer.Headers["Referrer-Policy"]);
        Assert.Contains("frame-ancestors 'none'", answer.Headers["Content-Security-Policy"], StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> NegotiateAsync(ConsoleVisitor visitor, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", origin);
        return (await visitor.SendAsync(request)).Status;
    }
}
