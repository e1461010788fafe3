using FleetManager.Data.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests;

public sealed class LongReadTests
{
    [Theory, DatabaseData]
    public async Task Read_CancelledWhileItRuns_StopsAndTheConnectionGoesOn(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var db = database.Open();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        // Neither ends by itself while this test lasts.
        var endless = kind == DatabaseKind.Sqlite
            ? "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS \"Value\" FROM n"
            : "SELECT count(pg_sleep(3600)) AS \"Value\"";

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => db.ReadAsync(() => db.Database.SqlQueryRaw<long>(endless).SingleAsync(stop.Token), stop.Token));

        Assert.Equal(0, await db.ReadAsync(() => db.Events.CountAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken));
    }
}
