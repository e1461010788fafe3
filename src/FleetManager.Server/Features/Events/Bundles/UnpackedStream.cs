using System.Buffers;
using System.IO.Pipelines;
using FleetManager.Contracts.Events;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>
/// The tar inside a bundle, whether it came packed or plain. Refuses what unpacks to much more than photographs ever would: the disk and the
/// time of the server are worth more than a bomb.
/// </summary>
internal sealed class UnpackedStream : ReadStream
{
    private const long MaxBytes = 64 * 1024 * 1024;
    private const int MaxRatio = 100;
    private const long FreeOfRatio = 1024 * 1024;

    private readonly LimitedStream _packed;
    private readonly Stream _inner;
    private long _count;

    private UnpackedStream(LimitedStream packed, Stream inner) => (_packed, _inner) = (packed, inner);

    public static async Task<UnpackedStream> OpenAsync(Stream body, CancellationToken cancellationToken)
    {
        var packed = new LimitedStream(body, EventLimits.BundleBytes, "The bundle");
        var pipe = PipeReader.Create(packed, new StreamPipeReaderOptions(leaveOpen: true));
        var start = await pipe.ReadAtLeastAsync(2, cancellationToken);
        var gzip = new SequenceReader<byte>(start.Buffer).IsNext([0x1F, 0x8B]);
        pipe.AdvanceTo(start.Buffer.Start);
        return new UnpackedStream(packed, gzip ? new GunzipStream(pipe.AsStream(), "The bundle") : pipe.AsStream());
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _inner.ReadAsync(buffer, cancellationToken);
        _count += read;
        if (_count > MaxBytes)
        {
            throw TooLarge($"The bundle unpacks to more than {MaxBytes / (1024 * 1024)} MiB.");
        }

        return _count <= FreeOfRatio || _count <= _packed.Count * MaxRatio
            ? read
            : throw TooLarge($"The bundle unpacks to more than {MaxRatio} times its size.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private static BadHttpRequestException TooLarge(string error) => new(error, StatusCodes.Status413PayloadTooLarge);
}
