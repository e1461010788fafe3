using System.Text.Json.Nodes;
using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

/// <summary>A person opens "Send events", makes a key, copies a command and runs it as it stands: real browser, shell and programs.</summary>
public sealed class SendEventsTests(Browser browser) : IAsyncLifetime
{
    private const string UseCase = "Packaging line";

    private readonly TestFleet _fleet = new();
    private FleetConsole _console = null!;
    private string _useCaseId = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IPage Page => _console.Page;

    public async ValueTask InitializeAsync()
    {
        await _fleet.StartAsync(Cancellation);
        File.Copy(Path.Combine(Repository.Samples, "coffee.jpg"), _fleet.Directory.At("inspection_photo.jpg"));
        _console = new FleetConsole(await browser.OpenAsync(), _fleet.Server.Address);
        await _console.MakeFirstAdminAsync(await _fleet.Server.FirstAdminLinkAsync(Cancellation));
        await _console.CreateUseCaseAsync(UseCase);
        await _console.OpenUseCaseAsync(UseCase);
        await Page.GetByRole(AriaRole.Link, new() { Name = "Send events" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        await Expect(Page.Locator("[data-secret]")).ToBeVisibleAsync();
        _useCaseId = (string)(await _fleet.Api.UseCasesAsync(Cancellation)).Single(u => (string)u["name"]! == UseCase)["id"]!;
    }

    public async ValueTask DisposeAsync() => await _fleet.DisposeAsync();

    [Fact]
    public async Task Curl_AsShown_CreatesTheEventWithItsImageAndTheBatch()
    {
        await Screenshot.TakeAsync(Page, "send-events");

        var created = JsonNode.Parse(await ShellAsync("curl"))!;
        var batch = JsonNode.Parse(await ShellAsync("curl-batch"))!;

        Assert.True((bool)created["created"]!);
        Assert.Equal(2, (int)batch["created"]!);
        await HeldAsync(3, (string)created["eventId"]!);
    }

    [Fact]
    public async Task Python_AsShown_NeedsNothingInstalledAndCreatesTheSame()
    {
        await ChooseAsync("Python");

        var printed = (await PythonAsync("python", await TextAsync("python"))).Succeeded().Split('\n');

        Assert.Contains("'created': 2", printed[1], StringComparison.Ordinal);
        await HeldAsync(3, (string)JsonNode.Parse(printed[0].Replace('\'', '"').Replace("True", "true", StringComparison.Ordinal))!["eventId"]!);
    }

    /// <summary>The SDK is a program of others: where it is not installed, only that the program can be read is shown.</summary>
    [Fact]
    public async Task Sdk_AsShown_RunsWhereTheSdkIsInstalled()
    {
        await ChooseAsync("Python SDK");
        var program = await TextAsync("sdk");
        await File.WriteAllTextAsync(_fleet.Directory.At("sdk.py"), program, Cancellation);

        (await RunAsync("python3", "-m", "py_compile", "sdk.py")).Succeeded();
        if ((await RunAsync("python3", "-c", "import roboflow")).ExitCode == 0)
        {
            (await RunAsync("python3", "sdk.py")).Succeeded();
            await HeldAsync(3, null);
        }
    }

    [Fact]
    public async Task Device_AsShown_EventOfItsStoreArrivesWithItsImage()
    {
        await ChooseAsync("Device");
        await _fleet.EnableBackupAsync(_useCaseId, Cancellation);
        var command = (await TextAsync("store")).Replace("http://127.0.0.1:8001", _fleet.Agent.Store.ToString().TrimEnd('/'), StringComparison.Ordinal);

        var stored = JsonNode.Parse((await RunAsync("bash", "-c", command)).Succeeded())!;
        await _fleet.DrainedAsync(TimeSpan.FromSeconds(60), Cancellation);

        await HeldAsync(1, (string)stored["id"]!);
    }

    private async Task ChooseAsync(string way)
    {
        var button = Page.GetByRole(AriaRole.Button, new() { Name = way, Exact = true });
        await button.ClickAsync();
        await Expect(button).ToHaveAttributeAsync("aria-pressed", "true");
    }

    private async Task<string> TextAsync(string snippet) => (await Page.Locator($"[data-snippet={snippet}]").TextContentAsync())!;

    private async Task<string> ShellAsync(string snippet) => (await RunAsync("bash", "-c", await TextAsync(snippet))).Succeeded();

    private async Task<CommandResult> PythonAsync(string name, string program)
    {
        await File.WriteAllTextAsync(_fleet.Directory.At(name + ".py"), program, Cancellation);
        return await RunAsync("python3", "-I", name + ".py");
    }

    private Task<CommandResult> RunAsync(string program, params string[] arguments) => CommandResult.RunAsync(program, arguments, _fleet.Directory.Path, Cancellation);

    /// <summary>The server holds so many events, and the one named shows its image.</summary>
    private async Task HeldAsync(int count, string? withImage)
    {
        var held = await _fleet.Api.QueryAllAsync(_useCaseId, Cancellation);
        Assert.Equal(count, held.Count);
        if (withImage is not null)
        {
            Assert.NotEmpty((string)held.Single(e => (string)e["eventId"]! == withImage)["images"]![0]!["url"]!);
        }
    }
}
