using System.Net;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Accounts;

public sealed class SignInTests
{
    private const string SignIn = "/account/sign-in";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_NoUser_NobodyCanSignIn()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var visitor = new ConsoleVisitor(fleet);

        foreach (var (email, password) in ((string, string)[])[("admin", "admin"), ("admin@localhost", "password"), ("", "")])
        {
            var result = await fleet.Service<AccountService>().SignInAsync(email, password, "test", Cancellation);
            Assert.Null(result.User);
        }

        Assert.Equal(SignIn, (await visitor.GetAsync("/")).Location);
    }

    [Fact]
    public async Task WrongPasswordAndUnknownEmail_SameAnswer()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);
        using var visitor = new ConsoleVisitor(fleet);

        var wrong = await visitor.SubmitAsync(SignIn, ("Email", ConsoleVisitor.Email), ("Password", "wrong password 1"));
        var unknown = await visitor.SubmitAsync(SignIn, ("Email", "nobody@example.com"), ("Password", "wrong password 1"));

        Assert.Contains("E-mail or password is wrong.", wrong.Body, StringComparison.Ordinal);
        Assert.Contains("E-mail or password is wrong.", unknown.Body, StringComparison.Ordinal);
        Assert.Equal(wrong.Status, unknown.Status);
        Assert.StartsWith(SignIn, (await visitor.GetAsync("/w/default/vision-events")).Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/w/default/deployment-manager/devices?search=x", "/w/default/deployment-manager/devices?search=x")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("/account/sign-out", "/")]
    public async Task ReturnUrl_AfterSignIn_OnlyPathsOfThisServer(string returnUrl, string location)
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);
        using var visitor = new ConsoleVisitor(fleet);

        var answer = await visitor.SubmitAsync(
            $"{SignIn}?returnUrl={Uri.EscapeDataString(returnUrl)}", ("Email", ConsoleVisitor.Email.ToUpperInvariant()), ("Password", ConsoleVisitor.Password));

        Assert.Equal(HttpStatusCode.Redirect, answer.Status);
        Assert.Equal(location, answer.Location);
    }

    [Fact]
    public async Task Post_WithoutAntiforgeryToken_Refused()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);
        using var visitor = new ConsoleVisitor(fleet);

        var answer = await visitor.PostAsync(SignIn, ("_handler", "sign-in"), ("Email", ConsoleVisitor.Email), ("Password", ConsoleVisitor.Password));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.DoesNotContain("Set-Cookie", answer.Headers.Where(h => h.Value.Contains("fleet-session", StringComparison.Ordinal)).Select(h => h.Key));
    }

    [Fact]
    public async Task SignOut_Session_Ended()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);

        var answer = await owner.SubmitAsync("/account/sign-out");

        Assert.Equal(SignIn, answer.Location);
        Assert.Equal(SignIn, (await owner.GetAsync("/")).Location);
    }

    [Fact]
    public async Task Attempts_TooMany_RefusedEvenWithTheRightPassword()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);
        var accounts = fleet.Service<AccountService>();
        for (var i = 0; i < SignInGate.AttemptsPerEmail; i++)
        {
            await accounts.SignInAsync(ConsoleVisitor.Email, "wrong password 1", "10.0.0.1", Cancellation);
        }

        var guesser = await accounts.SignInAsync(ConsoleVisitor.Email, ConsoleVisitor.Password, "10.0.0.1", Cancellation);
        var elsewhere = await accounts.SignInAsync(ConsoleVisitor.Email, ConsoleVisitor.Password, "10.0.0.2", Cancellation);

        Assert.Contains("Too many attempts", guesser.Fault, StringComparison.Ordinal);
        Assert.NotNull(elsewhere.User);
    }

    [Fact]
    public async Task SetPassword_NewOne_EndsEveryOtherSession()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);
        var added = await fleet.Service<AccountService>().AddUserAsync(ConsoleVisitor.Email, "owner", Cancellation);
        using var visitor = new ConsoleVisitor(fleet);

        var answer = await visitor.SubmitAsync(added.LinkPath!, ("Password", "another long password"), ("Repeated", "another long password"));

        Assert.Equal("/", answer.Location);
        Assert.Equal("/w/default/vision-events", (await visitor.GetAsync("/")).Location);
        Assert.StartsWith(SignIn, (await owner.GetAsync("/w/default/vision-events")).Location, StringComparison.Ordinal);
        Assert.Contains("not good any more", (await visitor.GetAsync(added.LinkPath!)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddUser_NewEmail_MemberWithLinkAndNoPassword()
    {
        await using var fleet = await FleetApplication.StartAsync();

        var added = await fleet.Service<AccountService>().AddUserAsync("bob@example.com", "operator", Cancellation);
        var badRole = await fleet.Service<AccountService>().AddUserAsync("bob@example.com", "king", Cancellation);

        Assert.Matches("^/account/set-password\\?token=fl_[0-9a-f]{64}$", added.LinkPath);
        Assert.Contains("owner, admin, operator, viewer", badRole.Fault, StringComparison.Ordinal);
        await using var db = fleet.Open();
        Assert.Null((await db.Users.SingleAsync(Cancellation)).PasswordHash);
        Assert.Equal("operator", (await db.Memberships.SingleAsync(Cancellation)).Role);
    }

    [Fact]
    public async Task User_Disabled_SessionEndsAtOnce()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);
        await using var db = fleet.Open();
        await db.Users.ExecuteUpdateAsync(s => s.SetProperty(u => u.DisabledAt, TimeProvider.System.GetUtcNow()), Cancellation);

        var answer = await owner.GetAsync("/w/default/vision-events");

        Assert.StartsWith(SignIn, answer.Location, StringComparison.Ordinal);
    }
}
