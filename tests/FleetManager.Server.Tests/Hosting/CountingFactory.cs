using FleetManager.Data;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Counts how often somebody went to the database.</summary>
internal sealed class CountingFactory(FleetApplication fleet) : IDbContextFactory<FleetDb>
{
    private int _opened;

    public int Opened => Volatile.Read(ref _opened);

    public FleetDb CreateDbContext()
    {
        Interlocked.Increment(ref _opened);
        return fleet.Open();
    }
}
