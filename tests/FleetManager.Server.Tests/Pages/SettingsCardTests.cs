using System.Text.Json;
using Bunit;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Data.Devices;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Features.Settings.Pages;
using FleetManager.Server.Live;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using TestContext = Xunit.TestContext;

namespace FleetManager.Server.Tests.Pages;

public sealed class SettingsCardTests : IAsyncLifetime
{
    private PageContext _console = null!;
    private TestDevice _device = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SettingsService Service => _console.Fleet.Service<SettingsService>();

    public async ValueTask InitializeAsync()
    {
        _console = await PageContext.StartAsync();
        _device = await _console.Fleet.AddDeviceAsync();
    }

    public async ValueTask DisposeAsync() => await _console.CloseAsync();

    [Fact]
    public void Form_Catalog_EverySettingLabelledWithHelp()
    {
        var card = RenderCard();

        foreach (var section in SettingsCatalog.Sections)
        {
            foreach (var field in section.Fields)
            {
                var row = card.Find($"[data-setting='{section.Name}.{field.Key}']");
                Assert.Contains(field.Help, row.TextContent, StringComparison.Ordinal);
                Assert.NotNull(row.QuerySelector(field is WindowsField ? "[aria-labelledby]" : $"label[for='{section.Name}-{field.Key}']"));
            }
        }

        Assert.Equal("Vision Events Backup", card.Find("label[for=visionEventsBackup-enabled]").TextContent);
        Assert.Equal("10 GiB", card.Find("#eventStore-maxBytes").GetAttribute("value"));
        Assert.Equal("password", card.Find("#eventStore-apiKey").GetAttribute("type"));
        Assert.Equal("Default", Progress(card));
    }

    [Fact]
    public async Task Save_Changes_StoredAsNextRevision()
    {
        await _console.Fleet.AddUseCaseAsync("Assembly line QA");
        var card = RenderCard();

        card.Find("#visionEventsBackup-enabled").Change(true);
        card.Find("#visionEventsBackup-defaultUseCaseId").Change("assembly-line-qa");
        card.Find("#eventStore-maxBytes").Change("512 MiB");
        Assert.Contains("3 unsaved changes", card.Find(".f-save").TextContent, StringComparison.Ordinal);
        card.Find("form").Submit();

        card.WaitForAssertion(() => Assert.Contains("Saved as revision 1", card.Find(".f-save").TextContent, StringComparison.Ordinal));
        Assert.Equal("Pending", Progress(card));
        var saved = await Service.GetAsync(_console.Scope.Id, _device.Id.Value, Cancellation);
        var backup = SettingsCatalog.VisionEventsBackup.Read(saved!.Sections.GetProperty("visionEventsBackup"));
        Assert.True(backup.Enabled);
        Assert.Equal("assembly-line-qa", backup.DefaultUseCaseId);
        Assert.Equal(512L << 20, SettingsCatalog.EventStore.Read(saved.Sections.GetProperty("eventStore")).MaxBytes);
        Assert.Equal("ann@example.com", saved.IssuedBy);
    }

    [Theory]
    [InlineData("visionEventsBackup-batchSize", "500", "Batch size must be a whole number from 1 to 100.")]
    [InlineData("visionEventsBackup-batchSize", "many", "Batch size must be a whole number from 1 to 100.")]
    [InlineData("eventStore-maxBytes", "10 KiB", "Most space must be a size from 1 MiB to 1 PiB")]
    [InlineData("eventStore-bindAddress", "localhost", "Address must be an IP address")]
    [InlineData("eventStore-bindAddress", "0.0.0.0", "apiKey must be set")]
    public async Task Save_OutsideTheRange_RefusedInTheFormWithTheRange(string input, string typed, string fault)
    {
        var card = RenderCard();

        card.Find("#" + input).Change(typed);
        card.Find("form").Submit();

        card.WaitForAssertion(() => Assert.Contains(fault, card.Find(".f-setting-fault").TextContent, StringComparison.Ordinal));
        Assert.Equal(typed, card.Find("#" + input).GetAttribute("value"));
        Assert.Equal(0, (await Service.GetAsync(_console.Scope.Id, _device.Id.Value, Cancellation))!.Revision);
    }

    [Fact]
    public void Refresh_WhileTyping_KeepsWhatWasTyped()
    {
        var card = RenderCard();
        card.Find("#visionEventsBackup-batchSize").Change("7");

        var renders = card.RenderCount;
        _console.Publish(ChangeKind.Device, _device.Id.Value);
        card.WaitForState(() => card.RenderCount > renders);

        Assert.Equal("7", card.Find("#visionEventsBackup-batchSize").GetAttribute("value"));
    }

    [Fact]
    public async Task Save_SomebodyElseSavedSince_ShowsBothAndStoresNothing()
    {
        var card = RenderCard();
        card.Find("#visionEventsBackup-batchSize").Change("7");
        await SaveElsewhereAsync("retentionDays", "30", basedOn: 0);

        card.Find("form").Submit();

        card.WaitForAssertion(() => Assert.Contains("bob saved revision 1", card.Find(".f-conflict").TextContent, StringComparison.Ordinal));
        var row = card.Find(".f-conflict tbody tr").TextContent;
        Assert.Contains("Retention", row, StringComparison.Ordinal);
        Assert.Contains("30 days", row, StringComparison.Ordinal);
        Assert.Contains("unchanged", row, StringComparison.Ordinal);
        Assert.Equal(1, (await Service.GetAsync(_console.Scope.Id, _device.Id.Value, Cancellation))!.Revision);
    }

    [Fact]
    public async Task Conflict_KeepMine_MineOnTopOfTheirsAfterSave()
    {
        var card = RenderCard();
        card.Find("#visionEventsBackup-batchSize").Change("7");
        await SaveElsewhereAsync("retentionDays", "30", basedOn: 0);
        card.Find("form").Submit();
        card.WaitForElement(".f-conflict");

        Button(card, "Keep mine").Click();
        Assert.Equal("30", card.Find("#eventStore-retentionDays").GetAttribute("value"));
        card.Find("form").Submit();

        card.WaitForAssertion(() => Assert.Contains("Saved as revision 2", card.Find(".f-save").TextContent, StringComparison.Ordinal));
        var saved = (await Service.GetAsync(_console.Scope.Id, _device.Id.Value, Cancellation))!.Sections;
        Assert.Equal(30, saved.GetProperty("eventStore").GetProperty("retentionDays").GetInt32());
        Assert.Equal(7, saved.GetProperty("visionEventsBackup").GetProperty("batchSize").GetInt32());
    }

    [Fact]
    public async Task Conflict_TakeTheirs_DropsMine()
    {
        var card = RenderCard();
        card.Find("#eventStore-retentionDays").Change("5");
        await SaveElsewhereAsync("retentionDays", "30", basedOn: 0);
        card.Find("form").Submit();
        card.WaitForElement(".f-conflict");

        Button(card, "Take theirs").Click();

        Assert.Equal("30", card.Find("#eventStore-retentionDays").GetAttribute("value"));
        Assert.Empty(card.FindAll(".f-conflict"));
        Assert.DoesNotContain("unsaved", card.Find(".f-save").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_SectionRejected_ShownWithItsMessage()
    {
        await SaveElsewhereAsync("port", "9001", basedOn: 0);
        await ReportAsync(SettingsState.PartlyApplied, new()
        {
            ["eventStore"] = new SectionReport(SettingsState.Rejected, "apply", "port", "port 9001 is in use", 0),
            ["visionEventsBackup"] = new SectionReport(SettingsState.Applied),
        });

        var card = RenderCard();

        Assert.Equal("PartlyApplied", Progress(card));
        var section = card.Find("[data-section=eventStore]").TextContent;
        Assert.Contains("rejected", section, StringComparison.Ordinal);
        Assert.Contains("port 9001 is in use", section, StringComparison.Ordinal);
        Assert.Contains("product's defaults", section, StringComparison.Ordinal);
        Assert.Contains("applied", card.Find("[data-section=visionEventsBackup] legend").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_Applied_ShownLive()
    {
        await SaveElsewhereAsync("retentionDays", "30", basedOn: 0);
        var card = RenderCard();
        Assert.Equal("Pending", Progress(card));

        await ReportAsync(SettingsState.Applied, new() { ["eventStore"] = new SectionReport(SettingsState.Applied) });
        _console.Publish(ChangeKind.Device, _device.Id.Value);

        card.WaitForAssertion(() => Assert.Equal("Applied", Progress(card)));
    }

    [Fact]
    public async Task Windows_AddedAndEdited_StoredAsTyped()
    {
        var card = RenderCard();

        Button(card, "Add window").Click();
        card.Find(".f-window input[aria-label=sat]").Change(true);
        card.Find(".f-window input[aria-label=From]").Change("20:30");
        card.Find("form").Submit();

        card.WaitForAssertion(() => Assert.Contains("Saved", card.Find(".f-save").TextContent, StringComparison.Ordinal));
        var saved = (await Service.GetAsync(_console.Scope.Id, _device.Id.Value, Cancellation))!.Sections;
        var window = Assert.Single(SettingsCatalog.VisionEventsBackup.Read(saved.GetProperty("visionEventsBackup")).Windows);
        Assert.Equal(["sat"], window.Days);
        Assert.Equal(("20:30", "06:00"), (window.From, window.To));
    }

    [Fact]
    public void Reload_InTheMiddleOfAnEdit_TypedIsBackAndSecretsAreNotKept()
    {
        var card = RenderCard();
        card.Find("#visionEventsBackup-batchSize").Change("7");
        card.Find("#eventStore-apiKey").Change("a secret");
        var kept = (string)_console.JSInterop.Invocations["fleet.keep"][^1].Arguments[1]!;
        Assert.DoesNotContain("a secret", kept, StringComparison.Ordinal);
        _console.JSInterop.Setup<string?>("fleet.kept", _ => true).SetResult(kept);

        var reloaded = RenderCard();

        Assert.Equal("7", reloaded.Find("#visionEventsBackup-batchSize").GetAttribute("value"));
        Assert.Equal("", reloaded.Find("#eventStore-apiKey").GetAttribute("value"));
        Assert.Contains("is back", reloaded.Find(".f-save").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_Done_ForgetsWhatWasKept()
    {
        var card = RenderCard();
        card.Find("#visionEventsBackup-batchSize").Change("7");

        card.Find("form").Submit();

        card.WaitForAssertion(() => Assert.Null(_console.JSInterop.Invocations["fleet.keep"][^1].Arguments[1]));
    }

    private IRenderedComponent<SettingsCard> RenderCard()
    {
        var card = _console.Render<SettingsCard>(p => p.Add(c => c.DeviceId, _device.Id.Value));
        card.WaitForElement("form");
        return card;
    }

    private static string? Progress(IRenderedComponent<SettingsCard> card) => card.Find("[data-settings-state]").GetAttribute("data-settings-state");

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<SettingsCard> card, string text) => card.FindAll("button").Single(b => b.TextContent == text);

    private async Task SaveElsewhereAsync(string eventStoreKey, string value, long basedOn)
    {
        var sections = JsonElement.Parse($$$"""{"eventStore":{"{{{eventStoreKey}}}":{{{value}}}}}""");
        var result = await Service.SaveAsync(_console.Scope.Id, _device.Id.Value, basedOn, sections, "bob", Cancellation);
        Assert.IsType<SaveResult.Saved>(result);
    }

    // What the device's uplink leaves in the database.
    private async Task ReportAsync(SettingsState state, Dictionary<string, SectionReport> sections)
    {
        await using var db = _console.Fleet.Open();
        var revision = await db.SettingsRevisions.OrderByDescending(r => r.Revision).FirstAsync(Cancellation);
        var report = new ReportedSettings(revision.Revision, revision.Hash, state, sections, []);
        db.DeviceStatuses.Add(new DeviceStatus
        {
            DeviceKey = _device.Key,
            WorkspaceId = _console.Scope.Id,
            ReportedRevision = revision.Revision,
            ReportedHash = revision.Hash,
            ReportedState = JsonSerializer.SerializeToElement(state, ContractsJson.Default.SettingsState).GetString(),
            Reported = JsonSerializer.Serialize(report, ContractsJson.Default.ReportedSettings),
            ReportedAt = TimeProvider.System.GetUtcNow(),
        });
        await db.SaveChangesAsync(Cancellation);
    }
}
