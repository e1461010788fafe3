using System.Buffers;
using System.Numerics;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>
/// The whole of a body in a pooled buffer, unpacked and without a byte order mark. The buffer grows with what has arrived, never with what was
/// announced: thousands of senders that promise much and send little hold next to nothing.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBuffer = 4 * 1024;
    private const int SmallestArray = 16;
    private const int Growth = 4;
    private readonly IngestBudget _budget;
    private readonly int _besides;
    private byte[] _buffer;
    private int _length;

    private RequestBody(IngestBudget budget, int size, int besides)
    {
        budget.Take(besides);
        _budget = budget;
        _besides = besides;
        try
        {
            _buffer = Rent(size);
        }
        catch
        {
            budget.Give(besides);
            throw;
        }
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length) is var bytes && bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? bytes[3..] : bytes;

    /// <summary>413 when the body is larger than <paramref name="limit"/>, packed or unpacked: before it is read, or as soon as it shows.</summary>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, int limit, IngestBudget budget, CancellationToken cancellationToken)
    {
        var packed = request.IsGzip();
        await using var stream = request.OpenBody(limit);
        var expected = packed ? limit : request.ContentLength ?? limit;
        return await ReadAsync(stream, (int)expected, budget, cancellationToken, packed ? GunzipStream.StateBytes : 0);
    }

    /// <summary>Reads a stream, which refuses too much by itself, to its end.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="expected">How long it is, or may be.</param>
    /// <param name="budget">What the memory is taken from.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="besides">Bytes that reading holds besides the buffer.</param>
    public static async Task<RequestBody> ReadAsync(Stream stream, int expected, IngestBudget budget, CancellationToken cancellationToken, int besides = 0)
    {
        var body = new RequestBody(budget, Math.Min(expected + 1, FirstBuffer), besides);
        try
        {
            await body.FillAsync(stream, expected, cancellationToken);
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
        _budget.Give(_besides);
        Return();
        _buffer = [];
    }

    private async Task FillAsync(Stream stream, int expected, CancellationToken cancellationToken)
    {
        int read;
        while ((read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken)) > 0)
        {
            _length += read;
            if (_length == _buffer.Length)
            {
                Grow((int)Math.Min(_length * (long)Growth, Math.Max(expected, _length) + 1L));
            }
        }
    }

    private void Grow(int size)
    {
        var larger = Rent(size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        Return();
        _buffer = larger;
    }

    /// <summary>Takes from the budget before it takes from the pool, whose arrays have the length of a power of two.</summary>
    private byte[] Rent(int size)
    {
        size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, SmallestArray));
        _budget.Take(size);
        return ArrayPool<byte>.Shared.Rent(size);
    }

    private void Return()
    {
        _budget.Give(_buffer.Length);
        ArrayPool<byte>.Shared.Return(_buffer);
    }
}
