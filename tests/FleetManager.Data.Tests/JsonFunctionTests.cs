using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Data.Tests.Events;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Tests;

public sealed class JsonFunctionTests
{
    /// <summary>Ingest refuses half a surrogate pair; were one there all the same, a fault thrown through SQLite would end the process.</summary>
    [Fact]
    public async Task Matches_TextThatIsNone_FailsTheQueryAndNothingElse()
    {
        await using var fixture = await EventFixture.CreateAsync(DatabaseKind.Sqlite);
        var row = fixture.Row("1");
        row.Event.CustomMetadata = """{"a":"\ud800"}""";
        await fixture.WriteAsync(row);
        await using var db = fixture.Database.Open();
        var condition = db.Express(new JsonCondition([new JsonTest("a", JsonOperator.In, [new JsonScalar(MetadataType.Text, "b")])]));

        await Assert.ThrowsAsync<SqliteException>(
            () => db.Events.CountAsync(e => JsonFunctions.Matches(e.CustomMetadata, condition) == true, TestContext.Current.CancellationToken));
    }
}
