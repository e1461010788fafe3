namespace FleetManager.Server.Tests.Hosting;

/// <summary>One server for the many rows of a class whose tests make devices of their own.</summary>
public sealed class SharedFleet : IAsyncLifetime
{
    internal FleetApplication Application { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Application = await FleetApplication.StartAsync();

    public ValueTask DisposeAsync() => Application.DisposeAsync();
}
