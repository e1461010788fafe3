using System.Buffers;
using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.LocalApi;

/// <summary>A JSON body in memory.</summary>
internal sealed class JsonBody : IDisposable
{
    // Up to here it is read in one piece; for a larger one memory is taken as it arrives.
    private const int MostAtOnce = 1024 * 1024;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = EventLimits.JsonDepth, AllowDuplicateProperties = false };

    private readonly JsonDocument _document;
    private readonly byte[]? _buffer;

    private JsonBody(JsonDocument document, byte[]? buffer) => (_document, _buffer) = (document, buffer);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public JsonElement Root => _document.RootElement;

    public static async Task<JsonBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return request.ContentLength is { } length and <= MostAtOnce
                ? await ReadAsync(request.Body, (int)length, cancellationToken)
                : new JsonBody(await JsonDocument.ParseAsync(request.Body, s_options, cancellationToken), buffer: null);
        }
        catch (InvalidOperationException e)
        {
            // Looking for names that are there twice, the parser reads them.
            throw new JsonException("a name holds half a surrogate pair", e);
        }
    }

    public void Dispose()
    {
        _document.Dispose();
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    private static async Task<JsonBody> ReadAsync(Stream body, int length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await body.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
            var start = buffer.AsSpan(0, length).StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
            return new JsonBody(JsonDocument.Parse(buffer.AsMemory(start, length - start), s_options), buffer);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }
}
