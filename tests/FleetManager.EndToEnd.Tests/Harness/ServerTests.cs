namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>Tests that need a server and nothing else: each gets one of its own.</summary>
public abstract class ServerTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();

    private protected ServerTests() => Server = new ServerProcess(_directory);

    private protected ServerProcess Server { get; }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await Server.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }
}
