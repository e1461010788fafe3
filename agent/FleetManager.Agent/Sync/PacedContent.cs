using System.Net;
using System.Net.Http.Headers;

namespace FleetManager.Agent.Sync;

/// <summary>A body that is sent in slices, each when the throttle lets it go; opened anew for each try.</summary>
internal sealed class PacedContent : HttpContent
{
    private const int SliceBytes = 16 * 1024;
    private readonly Func<Stream> _open;
    private readonly long _length;
    private readonly Throttle _throttle;
    private readonly ReadOnlyMemory<byte>? _body;

    public PacedContent(Func<Stream> open, long length, string contentType, Throttle throttle)
    {
        (_open, _length, _throttle) = (open, length, throttle);
        Headers.ContentType = new MediaTypeHeaderValue(contentType);
    }

    /// <summary>A body that is in memory; what need not wait goes out in one piece.</summary>
    public PacedContent(ReadOnlyMemory<byte> body, string contentType, Throttle throttle)
        : this(() => Stream.Null, body.Length, contentType, throttle) => _body = body;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_body is { } body)
        {
            while (body.Length > 0)
            {
                var size = _throttle.IsOff ? body.Length : Math.Min(SliceBytes, body.Length);
                await _throttle.TakeAsync(size, cancellationToken);
                await stream.WriteAsync(body[..size], cancellationToken);
                body = body[size..];
            }

            return;
        }

        await using var source = Opened(_open);
        var slice = new byte[SliceBytes];
        for (int read; (read = await ReadAsync(source, slice, cancellationToken)) > 0;)
        {
            await _throttle.TakeAsync(read, cancellationToken);
            await stream.WriteAsync(slice.AsMemory(0, read), cancellationToken);
        }
    }

    private static Stream Opened(Func<Stream> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableBodyException(e);
        }
    }

    private static async ValueTask<int> ReadAsync(Stream source, byte[] slice, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(slice, cancellationToken);
        }
        catch (IOException e)
        {
            throw new UnreadableBodyException(e);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
