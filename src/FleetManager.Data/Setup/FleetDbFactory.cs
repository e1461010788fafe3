using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data.Setup;

/// <summary>Gives out the configured provider's context as a <see cref="FleetDb"/>, so that nobody else names a provider.</summary>
internal sealed class FleetDbFactory<TDb>(IDbContextFactory<TDb> inner) : IDbContextFactory<FleetDb>
    where TDb : FleetDb
{
    public FleetDb CreateDbContext() => inner.CreateDbContext();

    public async Task<FleetDb> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        await inner.CreateDbContextAsync(cancellationToken);
}
