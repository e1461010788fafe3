namespace FleetManager.Agent.Tests.Fakes;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agent-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
