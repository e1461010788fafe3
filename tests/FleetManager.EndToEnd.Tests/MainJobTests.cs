using System.Text.Json;
using System.Text.RegularExpressions;
using FleetManager.EndToEnd.Tests.Harness;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FleetManager.EndToEnd.Tests;

/// <summary>"To enable Vision Events backup", the five steps of the guide, by a person in a browser against real processes.</summary>
public sealed partial class MainJobTests(Browser browser) : IAsyncLifetime
{
    private const string UseCase = "Assembly line QA";
    private const int Posted = 140;

    // Slow enough that the page can be seen to follow the backlog.
    private const string Bandwidth = "600 KiB";

    private static readonly string[] s_drawn = ["objectDetections", "instanceSegmentations", "keypoints"];

    private readonly TestFleet _fleet = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _fleet.StartAsync(Cancellation);

    public async ValueTask DisposeAsync() => await _fleet.DisposeAsync();

    [Fact]
    public async Task EnableBackup_ServerCutOffWhileEventsArrive_EveryEventIsShownOnceWithBothImages()
    {
        var console = new FleetConsole(await browser.OpenAsync(), _fleet.Server.Address);
        await console.MakeFirstAdminAsync(await _fleet.Server.FirstAdminLinkAsync(Cancellation));
        await console.CreateUseCaseAsync(UseCase);

        // 1-3: open the device list, select the device, enable the backup.
        await console.OpenDeviceAsync(TestFleet.DeviceName);
        await console.EnableBackupAsync(UseCase, Bandwidth, _fleet.Agent.Store.Port);
        await Screenshot.TakeAsync(console.Page, "settings");

        // 4: events are written locally while the server is away.
        await _fleet.Server.StopAsync(Cancellation);
        var issued = await PostAsync();
        var cutOff = await _fleet.Agent.ReportAsync(Cancellation);
        Assert.Equal((Posted, 0), (cutOff.PendingRecords, cutOff.BackedUpRecords));

        // 5: the device reconnects and syncs by itself, and the open page shows it as it happens.
        await _fleet.Server.StartAsync(Cancellation);
        await Expect(console.Progress.GetByText(BackedUp())).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Screenshot.TakeAsync(console.Page, "device");
        await Expect(console.Progress.GetByText($"{Posted} of {Posted} events backed up")).ToBeVisibleAsync(new() { Timeout = 120_000 });
        await Expect(console.Progress.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-valuenow", "100");

        await console.OpenUseCaseAsync(UseCase);
        await Expect(console.Page.GetByText($"{Posted} events", new() { Exact = true })).ToBeVisibleAsync();
        await Screenshot.TakeAsync(console.Page, "events");
        Assert.Equal(issued.Order(), (await console.AllEventIdsAsync()).Order());
        await CheckDetailsAsync(console, issued);
    }

    private async Task<IReadOnlyList<string>> PostAsync()
    {
        await using var camera = CameraProcess.Start(_fleet.Agent.Store, 100, _fleet.Directory.At("ids"), $"--count={Posted}", "--distinct");
        Assert.Equal(new CameraSummary(Posted, 0, 0), await camera.CompleteAsync(Cancellation));
        return camera.AcceptedIds();
    }

    /// <summary>Each sample, once: the two images are those of the sample, and each prediction is drawn.</summary>
    private static async Task CheckDetailsAsync(FleetConsole console, IReadOnlyList<string> issued)
    {
        var samples = Directory.GetFiles(Repository.Samples, "*.json").Order(StringComparer.Ordinal).ToList();
        foreach (var (sample, id) in samples.Zip(issued))
        {
            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(sample, Cancellation));
            var predictions = Predictions(document.RootElement.GetProperty("images")[0]);
            await console.Page.Locator($"tr[data-event-id='{id}']").GetByRole(AriaRole.Link).ClickAsync();
            await Expect(console.Page.Locator($"[data-event-detail='{id}']").GetByText(id, new() { Exact = true })).ToBeVisibleAsync();

            var input = await ShowAsync(console, "Input");
            if (predictions > 0)
            {
                await Expect(console.Detail.Locator("svg.f-overlay")).ToBeVisibleAsync();
            }

            await Expect(console.Detail.Locator("svg.f-overlay g[data-class]")).ToHaveCountAsync(predictions);
            if (Path.GetFileNameWithoutExtension(sample) == "coins")
            {
                await Screenshot.TakeAsync(console.Page, "event");
            }

            var output = await ShowAsync(console, "Output");
            Assert.NotEqual(input.Source, output.Source);
            Assert.Equal(input.Size, output.Size);
            Assert.True(input.Size.Width > 0, $"The input image of {sample} did not load.");
        }
    }

    private static int Predictions(JsonElement image) =>
        s_drawn.Sum(kind => image.TryGetProperty(kind, out var list) ? list.GetArrayLength() : 0);

    private static async Task<(string Source, (int Width, int Height) Size)> ShowAsync(FleetConsole console, string image)
    {
        var button = console.Detail.GetByRole(AriaRole.Button, new() { Name = image, Exact = true });
        await button.ClickAsync();
        await Expect(button).ToHaveAttributeAsync("aria-pressed", "true");
        var picture = console.Detail.GetByAltText(new Regex($"^{image} image"));
        await Expect(picture).ToBeVisibleAsync();
        return ((await picture.GetAttributeAsync("src"))!, await console.ShownPictureAsync());
    }

    /// <summary>Some, and not all, of the backlog.</summary>
    [GeneratedRegex("^[1-9]\\d* of \\d+ events backed up$")]
    private static partial Regex BackedUp();
}
