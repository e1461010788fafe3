using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FleetManager.Agent.Platform;

/// <summary>What one line of a ring is known by, on the device and on the server.</summary>
internal readonly record struct RingNumber(long Boot, long Seq) : IComparable<RingNumber>
{
    public int CompareTo(RingNumber other) => (Boot, Seq).CompareTo((other.Boot, other.Seq));
}

/// <summary>Lines of one start that were not sent yet, oldest first.</summary>
/// <param name="Boot">The start of the agent that wrote them.</param>
/// <param name="Lines">The lines that can be read.</param>
/// <param name="Through">The last number that the batch covers.</param>
/// <param name="Damaged">How many lines within it can not be read.</param>
internal sealed record RingBatch<T>(long Boot, IReadOnlyList<T> Lines, RingNumber Through, int Damaged);

/// <summary>
/// A bounded journal of lines on the device, in segments of which the oldest gives way. It survives restarts; a line that a power cut tore is cut
/// off. Numbers rise without a gap within one start, so a line that is sent again is known by its number, and every line that is left out before
/// it was sent is counted, also across restarts.
/// </summary>
/// <remarks>
/// A segment starts with <c>#COUNT</c>, the lines that were left out before it; then <c>BOOT SEQ JSON</c> a line. The file <c>sent</c> holds what
/// the server has. It is not flushed: without it lines are sent again, which changes nothing.
/// </remarks>
internal sealed class LineRing<T> : IDisposable
    where T : class
{
    private const string Extension = ".log";

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly long _boot;
    private readonly RingSize _size;
    private readonly JsonTypeInfo<T> _type;
    private readonly Queue<int> _segments;
    private FileStream? _newest;
    private RingNumber _sent;
    private RingNumber _last;
    private int _firstUnsent;
    private long _seq;
    private long _leftOut;
    private long _told;

    /// <param name="folder">Where it lives; made when the first line is written.</param>
    /// <param name="boot">This start of the agent, greater than any before.</param>
    /// <param name="size">What bounds it.</param>
    /// <param name="type">How a line is written.</param>
    public LineRing(string folder, long boot, RingSize size, JsonTypeInfo<T> type)
    {
        (_folder, _boot, _size, _type) = (folder, boot, size, type);
        var names = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*" + Extension).Select(p => Path.GetFileNameWithoutExtension(p)) : [];
        _segments = new(names.Where(n => int.TryParse(n, CultureInfo.InvariantCulture, out _)).Select(n => int.Parse(n, CultureInfo.InvariantCulture)).Order());
        ReadSent();
        if (_segments.Count > 0)
        {
            ReopenNewest(_segments.Last());
        }
    }

    /// <summary>Lines that were left out before they were sent, and of which nothing was said yet.</summary>
    public long LeftOut
    {
        get
        {
            lock (_gate)
            {
                return _leftOut - _told;
            }
        }
    }

    /// <summary>Writes a line; one that the disk does not take is counted as left out, and then this is false.</summary>
    public bool Append(Func<long, T> lineOf)
    {
        lock (_gate)
        {
            try
            {
                var line = Encode(lineOf(_seq + 1));
                if (_newest is null || _newest.Length + line.Length > _size.SegmentBytes)
                {
                    Roll();
                }

                Write(line);
                _last = new RingNumber(_boot, ++_seq);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _leftOut++;
                return false;
            }
        }
    }

    /// <summary>The oldest lines that were not sent yet, of one start; null when there are none.</summary>
    public RingBatch<T>? Peek(int maxLines, int maxBytes)
    {
        lock (_gate)
        {
            var (lines, through, damaged, bytes) = (new List<T>(), default(RingNumber), 0, 0);
            foreach (var (number, json) in Unsent())
            {
                bytes += json.Length;
                if (through.Seq > 0 && (number.Boot != through.Boot || lines.Count == maxLines || bytes > maxBytes))
                {
                    break;
                }

                through = number;
                if (Decode(json) is { } line)
                {
                    lines.Add(line);
                }
                else
                {
                    damaged++;
                }
            }

            return through.Seq == 0 ? null : new RingBatch<T>(through.Boot, lines, through, damaged);
        }
    }

    /// <summary>The server has the lines of a batch, or will never take them.</summary>
    public void MarkSent(RingBatch<T> batch)
    {
        lock (_gate)
        {
            _sent = batch.Through;
            _leftOut += batch.Damaged;
            WriteSent();
        }
    }

    /// <summary>A line of the ring says that so many were left out.</summary>
    public void MarkTold(long count)
    {
        lock (_gate)
        {
            _told += count;
            WriteSent();
        }
    }

    /// <summary>The newest line of any start that is wanted; null when there is none.</summary>
    public T? Last(Func<T, bool> wanted)
    {
        lock (_gate)
        {
            return _segments.SelectMany(s => ReadSegment(PathOf(s))).Select(l => Decode(l.Json)).LastOrDefault(l => l is not null && wanted(l));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            WriteSent();
            _newest?.Dispose();
        }
    }

    private string PathOf(int segment) => Path.Combine(_folder, segment.ToString("D10", CultureInfo.InvariantCulture) + Extension);

    private byte[] Encode(T line) => [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_boot} {_seq + 1} ")), .. JsonSerializer.SerializeToUtf8Bytes(line, _type), (byte)'\n'];

    private void Write(byte[] line)
    {
        var length = _newest!.Length;
        try
        {
            _newest.Write(line);
            _newest.Flush(_size.IsFlushed);
        }
        catch (IOException)
        {
            // A full disk may have taken half of it.
            _newest.SetLength(length);
            throw;
        }
    }

    private void Roll()
    {
        // On disk before another begins: only the newest segment can be torn.
        _newest?.Flush(flushToDisk: true);
        Directory.CreateDirectory(_folder);
        while (_segments.Count >= _size.Segments)
        {
            var oldest = PathOf(_segments.Peek());
            _leftOut += ReadSegment(oldest).Count(l => l.Number.CompareTo(_sent) > 0);
            File.Delete(oldest);
            _segments.Dequeue();
        }

        _newest?.Dispose();
        _newest = null;
        var segment = _segments.Count == 0 ? 1 : _segments.Last() + 1;
        _newest = new FileStream(PathOf(segment), new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        });
        _segments.Enqueue(segment);
        Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"#{_leftOut}\n")));
    }

    private void ReopenNewest(int segment)
    {
        var content = File.ReadAllBytes(PathOf(segment));
        var whole = 0;
        while (content.AsSpan(whole).IndexOf((byte)'\n') is >= 0 and var length)
        {
            var line = content.AsSpan(whole, length);
            if (whole == 0 && line.Length > 1 && line[0] == '#' && Utf8Parser.TryParse(line[1..], out long leftOut, out _))
            {
                _leftOut = Math.Max(_leftOut, leftOut);
            }
            else if (Parse(line) is var (number, _))
            {
                (_last, _seq) = (number, number.Boot == _boot ? number.Seq : 0);
            }
            else
            {
                break;
            }

            whole += length + 1;
        }

        _newest = new FileStream(PathOf(segment), FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (whole < content.Length)
        {
            _leftOut += Math.Max(1, content.AsSpan(whole).Count((byte)'\n'));
            _newest.SetLength(whole);
        }

        _newest.Seek(0, SeekOrigin.End);
    }

    private IEnumerable<(RingNumber Number, ReadOnlyMemory<byte> Json)> Unsent()
    {
        // Mostly there are none, and then nothing is read.
        if (_last.CompareTo(_sent) <= 0)
        {
            yield break;
        }

        var isFirst = true;
        foreach (var segment in _segments.Where(s => s >= _firstUnsent))
        {
            foreach (var line in ReadSegment(PathOf(segment)).Where(l => l.Number.CompareTo(_sent) > 0))
            {
                (_firstUnsent, isFirst) = (isFirst ? segment : _firstUnsent, false);
                yield return line;
            }
        }
    }

    private static IEnumerable<(RingNumber Number, ReadOnlyMemory<byte> Json)> ReadSegment(string path)
    {
        var content = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var start = 0;
        while (start < content.Length && content.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var length)
        {
            if (Parse(content.AsSpan(start, length)) is var (number, json))
            {
                yield return (number, content.AsMemory((start + json)..(start + length)));
            }

            start += length + 1;
        }
    }

    /// <summary>The number of a line, and where its JSON starts; null when it is none.</summary>
    private static (RingNumber Number, int Json)? Parse(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line, out long boot, out var first) && first < line.Length && line[first] == ' '
        && Utf8Parser.TryParse(line[(first + 1)..], out long seq, out var second) && first + second + 1 < line.Length && line[first + second + 1] == ' '
        && line[^1] == '}'
            ? (new RingNumber(boot, seq), first + second + 2)
            : null;

    private T? Decode(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, _type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void ReadSent()
    {
        try
        {
            var path = Path.Combine(_folder, "sent");
            long[] numbers = File.Exists(path) ? [.. File.ReadAllText(path).Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture))] : [];
            if (numbers is [var boot, var seq, var leftOut, var told])
            {
                (_sent, _leftOut, _told) = (new RingNumber(boot, seq), leftOut, told);
            }
        }
        catch (FormatException)
        {
            // Torn: lines are sent again.
        }
    }

    private void WriteSent()
    {
        try
        {
            Directory.CreateDirectory(_folder);
            var path = Path.Combine(_folder, "sent");
            File.WriteAllText(path + ".new", string.Create(CultureInfo.InvariantCulture, $"{_sent.Boot} {_sent.Seq} {_leftOut} {_told}"));
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk: known until the next start, when lines are sent again.
        }
    }
}

/// <summary>What bounds a ring.</summary>
/// <param name="SegmentBytes">Size of a segment.</param>
/// <param name="Segments">How many there are at most.</param>
/// <param name="IsFlushed">Whether each line is flushed to the disk before it counts as written: for what is rare and must survive a power cut.</param>
internal sealed record RingSize(int SegmentBytes, int Segments, bool IsFlushed)
{
    /// <summary>The log: 2 MiB. Flushed a segment at a time, for the sake of flash memory.</summary>
    public static RingSize Log { get; } = new(64 * 1024, 32, IsFlushed: false);

    /// <summary>What happened to the device: 256 KiB, some two thousand events.</summary>
    public static RingSize Lifecycle { get; } = new(64 * 1024, 4, IsFlushed: true);
}
