using System.IO.Compression;

namespace FleetManager.Server.Setup;

/// <summary>
/// Unpacks gzip, and owns the packed stream; what is broken or cut off is a bad request. That a cut is noticed at all takes the runtime switch
/// <c>System.IO.Compression.UseStrictValidation</c>, which the projects set: without it the rest would be missing silently.
/// </summary>
internal sealed class GunzipStream(Stream packed, string what) : ReadStream
{
    /// <summary>About what unpacking holds besides the caller's buffer.</summary>
    public const int StateBytes = 64 * 1024;

    private readonly GZipStream _inner = new(packed, CompressionMode.Decompress);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _inner.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException)
        {
            // The library's own words speak of archive entries.
            throw new BadHttpRequestException($"{what} is no whole gzip data: it is broken, or was cut off on the way.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
