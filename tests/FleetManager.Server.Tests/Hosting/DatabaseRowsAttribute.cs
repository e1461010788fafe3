using System.Reflection;
using FleetManager.Data.Tests.Databases;
using Xunit.Sdk;
using Xunit.v3;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Every row of a table on every database: the kind comes first, then what the row says.</summary>
/// <param name="table">A static property of the test class that holds theory rows.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DatabaseRowsAttribute(string table) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var rows = (IEnumerable<ITheoryDataRow>)testMethod.DeclaringType!.GetProperty(table)!.GetValue(null)!;
        return ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [.. Enum.GetValues<DatabaseKind>().SelectMany(_ => rows, (kind, row) => new TheoryDataRow([kind, .. row.GetData()]).WithTrait("Database", kind.ToString()))]);
    }

    public override bool SupportsDiscoveryEnumeration() => false;
}
