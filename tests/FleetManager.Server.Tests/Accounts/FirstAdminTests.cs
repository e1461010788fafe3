using System.Net;
using FleetManager.Data;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Accounts;

public sealed class FirstAdminTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Link_Used_MakesOwnerAndSignsIn()
    {
        await using var fleet = await FleetApplication.StartAsync();

        using var visitor = await ConsoleVisitor.OwnerAsync(fleet);

        Assert.Equal("/w/default/vision-events", (await visitor.GetAsync("/")).Location);
        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync("/w/default/vision-events")).Status);
        await using var db = fleet.Open();
        Assert.Equal("owner", (await db.Memberships.SingleAsync(Cancellation)).Role);
        Assert.DoesNotContain(ConsoleVisitor.Password, (await db.Users.SingleAsync(Cancellation)).PasswordHash, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_SecondUse_Refused()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var link = await fleet.Service<LinkService>().RenewFirstAdminAsync(Cancellation);
        using var first = new ConsoleVisitor(fleet);
        await first.SubmitAsync(link!, ("Email", "ann@example.com"), ("Password", ConsoleVisitor.Password), ("Repeated", ConsoleVisitor.Password));

        using var second = new ConsoleVisitor(fleet);
        var page = await second.GetAsync(link!);

        Assert.Contains("not good any more", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", page.Body, StringComparison.Ordinal);
        var accounts = fleet.Service<AccountService>();
        var forced = await accounts.CreateFirstAdminAsync(link!.Split('=')[1], "eve@example.com", ConsoleVisitor.Password, ConsoleVisitor.Password, Cancellation);
        Assert.Equal(AccountResult.LinkGone.Fault, forced.Fault);
    }

    [Fact]
    public async Task Link_ManyUsersAtOnce_OneWins()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var token = (await fleet.Service<LinkService>().RenewFirstAdminAsync(Cancellation))!.Split('=')[1];
        var accounts = fleet.Service<AccountService>();

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
            accounts.CreateFirstAdminAsync(token, $"user{i}@example.com", ConsoleVisitor.Password, ConsoleVisitor.Password, Cancellation)));

        Assert.Single(results, r => r.User is not null);
        await using var db = fleet.Open();
        Assert.Equal(1, await db.Users.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Link_AfterADay_Expired()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var links = new LinkService(fleet.Service<IDbContextFactory<FleetDb>>(), time);
        var token = (await links.RenewFirstAdminAsync(Cancellation))!.Split('=')[1];

        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await links.FindAsync(token, Cancellation));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await links.FindAsync(token, Cancellation));
    }

    [Fact]
    public async Task Start_WithoutUser_PrintsFreshLinkAndVoidsTheOldOne()
    {
        await using var fleet = await FleetApplication.StartAsync();

        var first = await AnnounceAsync(fleet);
        var second = await AnnounceAsync(fleet);

        Assert.Matches($@"^First admin: {fleet.Address.GetLeftPart(UriPartial.Authority)}/account/first-admin\?token=fl_[0-9a-f]{{64}}{Environment.NewLine}$", second);
        var links = fleet.Service<LinkService>();
        Assert.Null(await links.FindAsync(first.Trim().Split('=')[1], Cancellation));
        Assert.NotNull(await links.FindAsync(second.Trim().Split('=')[1], Cancellation));
    }

    [Fact]
    public async Task Start_WithUser_PrintsNothing()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var owner = await ConsoleVisitor.OwnerAsync(fleet);

        Assert.Empty(await AnnounceAsync(fleet));
    }

    [Theory]
    [InlineData("not an address", ConsoleVisitor.Password, ConsoleVisitor.Password, "Enter an e-mail address")]
    [InlineData("ann@example.com", "short", "short", "at least 12 characters")]
    [InlineData("ann@example.com", ConsoleVisitor.Password, "something else 123", "not the same")]
    public async Task Form_BadInput_SaysWhatIsWrongAndKeepsTheLink(string email, string password, string repeated, string fault)
    {
        await using var fleet = await FleetApplication.StartAsync();
        var link = await fleet.Service<LinkService>().RenewFirstAdminAsync(Cancellation);
        using var visitor = new ConsoleVisitor(fleet);

        var answer = await visitor.SubmitAsync(link!, ("Email", email), ("Password", password), ("Repeated", repeated));

        Assert.Contains(fault, answer.Body, StringComparison.Ordinal);
        Assert.Contains("<form", answer.Body, StringComparison.Ordinal);
        await using var db = fleet.Open();
        Assert.False(await db.Users.AnyAsync(Cancellation));
    }

    private static async Task<string> AnnounceAsync(FleetApplication fleet)
    {
        await using var output = new StringWriter();
        await ActivatorUtilities.CreateInstance<FirstAdminAnnouncer>(fleet.Services, output).StartedAsync(Cancellation);
        return output.ToString();
    }
}
