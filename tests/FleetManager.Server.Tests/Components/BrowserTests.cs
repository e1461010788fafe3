using Bunit;
using FleetManager.Server.Components;
using FleetManager.Server.Components.Widgets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Components;

public sealed class BrowserTests : BunitContext, IAsyncLifetime
{
    private static readonly DateTimeOffset s_at = new(2026, 7, 1, 22, 30, 0, TimeSpan.Zero);

    public ValueTask InitializeAsync()
    {
        Services.AddSingleton<TimeProvider>(new FakeTimeProvider(s_at));
        Services.AddScoped<Browser>();
        JSInterop.Mode = JSRuntimeMode.Loose;
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-07-02 00:30:00")]
    [InlineData("America/Los_Angeles", "2026-07-01 15:30:00")]
    [InlineData("Middle/Earth", "2026-07-01 22:30:00")]
    public async Task Time_ViewersZone_LocalTextAndExactUtcInTheTitle(string zone, string text)
    {
        JSInterop.Setup<Browser.Facts>("fleet.connect", _ => true).SetResult(new Browser.Facts(false, zone));
        await Services.GetRequiredService<Browser>().ConnectAsync();

        var time = Render<LocalTime>(p => p.Add(t => t.Value, s_at)).Find("time");

        Assert.Equal(text, time.TextContent);
        Assert.Equal("2026-07-01 22:30:00.000 UTC", time.GetAttribute("title"));
    }

    [Fact]
    public async Task Scheme_SystemTurnsDark_Announced()
    {
        JSInterop.Setup<Browser.Facts>("fleet.connect", _ => true).SetResult(new Browser.Facts(false, "UTC"));
        var browser = Services.GetRequiredService<Browser>();
        await browser.ConnectAsync();
        var changes = 0;
        browser.SchemeChanged += () => changes++;

        browser.SetScheme(true);
        browser.SetScheme(true);

        Assert.True(browser.IsDark);
        Assert.Equal(1, changes);
    }
}
