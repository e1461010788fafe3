namespace FleetManager.Server.Setup;

/// <summary>
/// Fills each buffer before it gives it back. The socket gives 4 KB at a time, and whoever parses, hashes and writes what came does each of it
/// once for each piece.
/// </summary>
internal sealed class FullReads(Stream inner) : ReadStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await inner.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
}
