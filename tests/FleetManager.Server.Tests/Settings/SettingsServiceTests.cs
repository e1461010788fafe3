using System.Text.Json;
using FleetManager.Contracts.Settings;
using FleetManager.Data.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Settings;

public sealed class SettingsServiceTests(SharedFleet shared) : IClassFixture<SharedFleet>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Save_Partial_BecomesTheWholeDocumentWithHistoryAndAudit(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var device = await fleet.AddDeviceAsync();

        Assert.Equal(new SaveResult.Saved(1), await SaveAsync(fleet, device, 0, """{"eventStore":{"port":9001}}"""));

        var view = await GetAsync(fleet, device);
        Assert.Equal((1L, "ann", SettingsProgress.Pending), (view.Revision, view.IssuedBy, view.Progress));
        Assert.Equal(9001, view.Sections.GetProperty("eventStore").GetProperty("port").GetInt32());
        Assert.Equal(7, view.Sections.GetProperty("eventStore").GetProperty("retentionDays").GetInt32());
        Assert.Equal(100, view.Sections.GetProperty("visionEventsBackup").GetProperty("batchSize").GetInt32());
        await using var db = fleet.Open();
        var stored = await db.SettingsRevisions.SingleAsync(Cancellation);
        Assert.Equal(CanonicalJson.Hash(JsonElement.Parse(stored.Sections)), stored.Hash);
        var audit = await db.AuditEntries.SingleAsync(a => a.Action == "settings.saved", Cancellation);
        Assert.Equal(("ann", device.Id.Value), (audit.Actor, audit.Subject));
        Assert.Contains("1", audit.Detail, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Save_ManyAtOnceOnOneRevision_ExactlyOneWinsAndTheOthersAreTold(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var device = await fleet.AddDeviceAsync();

        var results = await Task.WhenAll(Enumerable.Range(1, 10).Select(i => Task.Run(() =>
            fleet.Service<SettingsService>().SaveAsync(
                fleet.Workspace.Id, device.Id.Value, 0, JsonElement.Parse($$$"""{"telemetry":{"intervalSeconds":{{{i}}}}}"""), $"person {i}", Cancellation))));

        Assert.Single(results.OfType<SaveResult.Saved>());
        var winner = (await GetAsync(fleet, device)).IssuedBy;
        Assert.All(results.OfType<SaveResult.Conflict>(), c => Assert.Equal((1L, winner), (c.Current.Revision, c.Current.IssuedBy)));
        Assert.Equal(9, results.OfType<SaveResult.Conflict>().Count());
        await using var db = fleet.Open();
        Assert.Equal(1, await db.SettingsRevisions.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Save_StaleRevision_IsAConflictThatShowsWhoAndWhen()
    {
        var device = await shared.Application.AddDeviceAsync();
        await SaveAsync(shared.Application, device, 0, """{"telemetry":{"intervalSeconds":5}}""");

        var conflict = Assert.IsType<SaveResult.Conflict>(await SaveAsync(shared.Application, device, 0, "{}"));

        Assert.Equal("ann", conflict.Current.IssuedBy);
        Assert.NotNull(conflict.Current.IssuedAt);
        Assert.Equal(5, conflict.Current.Sections.GetProperty("telemetry").GetProperty("intervalSeconds").GetInt32());
    }

    [Theory]
    [InlineData("[]", "", "", "type")]
    [InlineData("""{"nonsense":{}}""", "nonsense", "", "unknown")]
    [InlineData("""{"eventStore":1}""", "eventStore", "", "type")]
    [InlineData("""{"eventStore":{"prot":1}}""", "eventStore", "prot", "unknown")]
    [InlineData("""{"eventStore":{"port":70000}}""", "eventStore", "port", "range")]
    [InlineData("""{"eventStore":{"port":80.5}}""", "eventStore", "port", "type")]
    [InlineData("""{"eventStore":{"retentionDays":"7"}}""", "eventStore", "retentionDays", "type")]
    [InlineData("""{"eventStore":{"maxRecords":0}}""", "eventStore", "maxRecords", "range")]
    [InlineData("""{"eventStore":{"whenFull":"explode"}}""", "eventStore", "whenFull", "choice")]
    [InlineData("""{"eventStore":{"bindAddress":"0.0.0.0"}}""", "eventStore", "apiKey", "required")]
    [InlineData("""{"eventStore":{"bindAddress":"here"}}""", "eventStore", "bindAddress", "range")]
    [InlineData("""{"visionEventsBackup":{"batchSize":101}}""", "visionEventsBackup", "batchSize", "range")]
    [InlineData("""{"visionEventsBackup":{"concurrency":0}}""", "visionEventsBackup", "concurrency", "range")]
    [InlineData("""{"visionEventsBackup":{"windows":[{"days":["someday"],"from":"08:00","to":"09:00"}]}}""", "visionEventsBackup", "windows", "range")]
    [InlineData("""{"visionEventsBackup":{"enabled":"yes"}}""", "visionEventsBackup", "enabled", "type")]
    [InlineData("""{"visionEventsBackup":{"defaultUseCaseId":"nowhere"}}""", "visionEventsBackup", "defaultUseCaseId", "useCase")]
    [InlineData("""{"telemetry":{"intervalSeconds":86401}}""", "telemetry", "intervalSeconds", "range")]
    [InlineData("""{"logging":{"level":"loud"}}""", "logging", "level", "choice")]
    public async Task Save_Invalid_IsRefusedWithSectionPathAndRange(string sections, string section, string path, string code)
    {
        var device = await shared.Application.AddDeviceAsync();

        var invalid = Assert.IsType<SaveResult.Invalid>(await SaveAsync(shared.Application, device, 0, sections));

        var fault = Assert.Single(invalid.Faults);
        Assert.Equal((section, path, code), (fault.Section, fault.Fault.Path, fault.Fault.Code));
        Assert.NotEmpty(fault.Fault.Message);
        Assert.Equal(0, (await GetAsync(shared.Application, device)).Revision);
    }

    [Fact]
    public async Task Save_SeveralFaults_AllAreTold()
    {
        var device = await shared.Application.AddDeviceAsync();

        var invalid = Assert.IsType<SaveResult.Invalid>(
            await SaveAsync(shared.Application, device, 0, """{"eventStore":{"port":0,"typo":1},"logging":{"level":"loud"}}"""));

        Assert.Equal(["port", "typo", "level"], invalid.Faults.Select(f => f.Fault.Path));
        Assert.Contains("65535", invalid.Faults[0].Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_TooLong_IsRefused()
    {
        var device = await shared.Application.AddDeviceAsync();
        var days = string.Join(',', Enumerable.Repeat("\"mon\"", 6000));

        var invalid = Assert.IsType<SaveResult.Invalid>(await SaveAsync(
            shared.Application, device, 0, $$$"""{"visionEventsBackup":{"windows":[{"days":[{{{days}}}],"from":"08:00","to":"09:00"}]}}"""));

        Assert.Contains("32768", Assert.Single(invalid.Faults).Fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Save_DefaultUseCase_MustBeActive()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        var useCase = await fleet.AddUseCaseAsync("Welding");
        var settings = $$$"""{"visionEventsBackup":{"defaultUseCaseId":"{{{useCase}}}"}}""";

        Assert.IsType<SaveResult.Saved>(await SaveAsync(fleet, device, 0, settings));
        await fleet.Service<UseCaseService>().ArchiveAsync(fleet.Workspace.Id, useCase, "ann", Cancellation);

        Assert.IsType<SaveResult.Invalid>(await SaveAsync(fleet, device, 1, settings));
    }

    [Theory]
    [InlineData(41, 42)]
    [InlineData(long.MaxValue, 1)]
    public async Task Save_DeviceAheadOfARestoredServer_GoesBeyondItUnlessItLies(long reported, long expected)
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        await using (var db = fleet.Open())
        {
            db.DeviceStatuses.Add(new DeviceStatus { DeviceKey = device.Key, WorkspaceId = fleet.Workspace.Id, ReportedRevision = reported });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(new SaveResult.Saved(expected), await SaveAsync(fleet, device, 0, "{}"));
        Assert.Equal(expected, (await GetAsync(fleet, device)).Revision);
    }

    [Fact]
    public async Task OtherWorkspace_Settings_DoNotExist()
    {
        var fleet = shared.Application;
        var device = await fleet.AddDeviceAsync();
        var other = await fleet.AddWorkspaceAsync("elsewhere");

        Assert.Null(await fleet.Service<SettingsService>().GetAsync(other.Id, device.Id.Value, Cancellation));
        Assert.IsType<SaveResult.NotFound>(
            await fleet.Service<SettingsService>().SaveAsync(other.Id, device.Id.Value, 0, JsonElement.Parse("{}"), "eve", Cancellation));
    }

    private static Task<SaveResult> SaveAsync(FleetApplication fleet, TestDevice device, long basedOn, string sections) =>
        fleet.Service<SettingsService>().SaveAsync(fleet.Workspace.Id, device.Id.Value, basedOn, JsonElement.Parse(sections), "ann", Cancellation);

    private static async Task<SettingsView> GetAsync(FleetApplication fleet, TestDevice device) =>
        (await fleet.Service<SettingsService>().GetAsync(fleet.Workspace.Id, device.Id.Value, Cancellation))!;
}
