using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>The whole body of a request in a pooled buffer. A body over its limit is refused before it is read, or as soon as it shows.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBuffer = 128 * 1024;
    private readonly IngestBudget _budget;
    private byte[] _buffer;
    private int _length;

    private RequestBody(IngestBudget budget, int size)
    {
        budget.Take(size);
        _budget = budget;
        _buffer = ArrayPool<byte>.Shared.Rent(size);
        _budget.Take(_buffer.Length - size);
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    public static async Task<RequestBody> ReadAsync(HttpRequest request, int limit, IngestBudget budget, CancellationToken cancellationToken)
    {
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding and not "identity")
        {
            throw new BadHttpRequestException($"Content-Encoding '{encoding}' can not be read here: send plain JSON.", StatusCodes.Status415UnsupportedMediaType);
        }

        if (request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // The limit is this route's own, told in its own words; the server's would cut in with another number.
            feature.MaxRequestBodySize = null;
        }

        var body = new RequestBody(budget, (int)Math.Min(request.ContentLength + 1 ?? FirstBuffer, FirstBuffer));
        try
        {
            await body.FillAsync(request.Body, limit, cancellationToken);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _budget.Give(_buffer.Length);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private async Task FillAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        int read;
        while ((read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken)) > 0)
        {
            _length += read;
            if (_length > limit)
            {
                throw TooLarge(limit);
            }

            if (_length == _buffer.Length)
            {
                Grow();
            }
        }
    }

    private void Grow()
    {
        var size = _buffer.Length * 2;
        _budget.Take(size);
        var larger = ArrayPool<byte>.Shared.Rent(size);
        _budget.Take(larger.Length - size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        _budget.Give(_buffer.Length);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private static BadHttpRequestException TooLarge(int limit) =>
        new($"The body is larger than {limit / 1024} KiB, which is the limit of this route.", StatusCodes.Status413PayloadTooLarge);
}
