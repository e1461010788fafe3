using FleetManager.Server.Features.Events.Ingest;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>What a refused request must not leave behind.</summary>
internal static class Leftovers
{
    /// <summary>No event, receipt or image, no file whole or half received, no memory taken, and no fault of the program in the log.</summary>
    public static async Task AssertNoneAsync(FleetApplication fleet)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var db = fleet.Open();
        Assert.Equal(
            (0, 0, 0),
            (await db.Events.CountAsync(cancellation), await db.HeldRanges.CountAsync(cancellation), await db.Images.CountAsync(cancellation)));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(fleet.DataDirectory, "images"), "*", SearchOption.AllDirectories));
        Assert.Equal(0, fleet.Service<IngestBudget>().Taken);
        Assert.DoesNotContain(fleet.Logs.Entries, e => e.Contains("A request failed", StringComparison.Ordinal));
    }
}
