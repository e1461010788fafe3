using FleetManager.Data.Tests.Databases;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests;

public sealed class MigrationTests
{
    [Theory, DatabaseData]
    public async Task Model_ComparedWithMigrations_HasNoPendingChanges(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var db = database.Open();

        Assert.False(db.Database.HasPendingModelChanges(), "run scripts/migration NAME");
    }

    [Theory, DatabaseData]
    public async Task Migrations_Applied_LeaveNonePending(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind);
        await using var db = database.Open();

        Assert.Empty(await db.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
        Assert.NotEmpty(await db.Database.GetAppliedMigrationsAsync(TestContext.Current.CancellationToken));
    }
}
