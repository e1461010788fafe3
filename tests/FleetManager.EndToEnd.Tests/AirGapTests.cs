using FleetManager.Data.Tests.Databases;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>A device that no network reaches: its events travel as a file, and a network that comes later finds nothing left to do.</summary>
public sealed class AirGapTests
{
    private const int Posted = 60;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Export_CarriedToTheServer_IsTheWholeBacklogAndASyncLaterSendsNothing(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var fleet = new TestFleet(kind == DatabaseKind.Sqlite
            ? []
            : ["--Fleet:Database:Provider=Postgres", $"--ConnectionStrings:Fleet={database.Connection}"]);
        await fleet.StartAsync(Cancellation);
        var useCase = await fleet.Api.CreateUseCaseAsync("air gap", Cancellation);
        await fleet.EnableBackupAsync("air gap", Cancellation);

        // The network goes, and events come.
        await fleet.Server.StopAsync(Cancellation);
        IReadOnlyList<string> issued;
        await using (var camera = CameraProcess.Start(fleet.Agent.Store, 100, fleet.Directory.At("ids"), $"--count={Posted}", "--distinct"))
        {
            Assert.Equal(new CameraSummary(Posted, 0, 0), await camera.CompleteAsync(Cancellation));
            issued = camera.AcceptedIds();
        }

        var file = fleet.Directory.At("backlog.tar");
        var exported = (await ExportAsync(fleet, file)).Succeeded();
        Assert.Contains($"Exported {Posted} events", exported, StringComparison.Ordinal);
        Assert.Contains("is there already", (await ExportAsync(fleet, file)).Error, StringComparison.Ordinal);
        await fleet.Agent.StopAsync(Cancellation);

        // The file is carried to the server, by somebody who is not sure and does it twice.
        await fleet.Server.StartAsync(Cancellation);
        Assert.Contains($"{Posted} are new, 0 were here already and 0 are refused", await fleet.Server.AdminAsync(Cancellation, "import", file), StringComparison.Ordinal);
        Assert.Contains($"0 are new, {Posted} were here already", await fleet.Server.AdminAsync(Cancellation, "import", file), StringComparison.Ordinal);
        var held = await fleet.Api.QueryAllAsync(useCase, Cancellation);
        Assert.Equal(issued.Order(), held.Select(e => (string)e["eventId"]!).Order());
        Assert.All(held, e => Assert.NotNull(e["images"]![0]!["sourceId"]));

        // The network comes back: the receipts say that all of it is there.
        await fleet.Agent.StartAsync(Cancellation);
        var report = await fleet.DrainedAsync(s_patience, Cancellation);
        Assert.Equal((Posted, 0, 0, Posted), (report.BackedUpRecords, report.ParkedRecords, report.DeclaredLostRecords, report.AckedThrough));
        Assert.Equal(Posted, (await fleet.Api.QueryAllAsync(useCase, Cancellation)).Count);
    }

    private static Task<CommandResult> ExportAsync(TestFleet fleet, string file) =>
        CommandResult.RunDotnetAsync(Repository.AgentDll, ["export", file, "--data-dir", fleet.Agent.DataDirectory], Cancellation);
}
