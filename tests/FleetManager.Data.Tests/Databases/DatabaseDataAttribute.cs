using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace FleetManager.Data.Tests.Databases;

/// <summary>One row per database. Where a machine has no PostgreSQL, its row is shown as skipped with the reason (<see cref="TestDatabase"/>).</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DatabaseDataAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [.. Enum.GetValues<DatabaseKind>().Select(kind => new TheoryDataRow<DatabaseKind>(kind).WithTrait("Database", kind.ToString()))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
