using FleetManager.Server.Features.Images;

namespace FleetManager.Server.Tests.Images;

/// <summary>Fails as a bug does, with words that no answer may hold.</summary>
internal sealed class BrokenStore : IImageStore
{
    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task KeepAsync(string incomingPath, ImageKey key, CancellationToken cancellationToken) => throw new InvalidOperationException("secret detail");

    public Task<bool> ExistsAsync(ImageKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Stream?> OpenAsync(ImageKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteAsync(ImageKey key, CancellationToken cancellationToken) => throw new NotSupportedException();
}
