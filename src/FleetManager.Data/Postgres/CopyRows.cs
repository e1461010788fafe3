using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Rows in the format of <c>COPY … (FORMAT BINARY)</c>. The library's importer asks anew for each value how its type is written, which costs as
/// much as reading the event did.
/// </summary>
internal sealed class CopyRows : IDisposable
{
    private const byte JsonbVersion = 1;
    private const int Null = -1;
    private static readonly long s_epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
    private int _length;

    public CopyRows() => Append([.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);

    public int Length => _length;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Begin(short columns) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), columns);

    /// <summary>What follows the last row.</summary>
    public void End() => Begin(-1);

    public void Number(int? value)
    {
        if (value is { } number)
        {
            Size(sizeof(int));
            Size(number);
        }
        else
        {
            Size(Null);
        }
    }

    public void Time(DateTimeOffset value)
    {
        Size(sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), (value.UtcTicks - s_epoch) / TimeSpan.TicksPerMicrosecond);
    }

    public void Binary(byte[] value)
    {
        Size(value.Length);
        Append(value);
    }

    public void Text(string? value) => Text(value, []);

    public void Json(string? value) => Text(value, [JsonbVersion]);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Text(string? value, ReadOnlySpan<byte> before)
    {
        if (value is null)
        {
            Size(Null);
            return;
        }

        var at = _length;
        Size(0);
        Append(before);
        Reserve(Encoding.UTF8.GetMaxByteCount(value.Length));
        _length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(at), _length - at - sizeof(int));
    }

    private void Size(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    private void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int count)
    {
        Reserve(count);
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }

    private void Reserve(int count)
    {
        if (_length + count > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + count, _buffer.Length * 2));
            Bytes.Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
