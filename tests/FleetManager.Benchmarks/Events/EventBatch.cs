using System.Globalization;
using System.Text;

namespace FleetManager.Benchmarks.Events;

/// <summary>A ready-made request of a batch, whose ids and times are written over before each use. Not for two callers at once.</summary>
internal sealed class EventBatch
{
    public const int Events = 100;
    private const int TimePrefix = 20;

    private readonly byte[] _request;
    private readonly int[] _ids;
    private readonly int[] _times;

    private EventBatch(byte[] request, int headLength)
    {
        _request = request;
        HeadLength = headLength;
        _ids = Find(SampleEvents.IdPlaceholder);
        _times = Find(SampleEvents.TimePlaceholder);
    }

    public ReadOnlyMemory<byte> Request => _request;

    public ReadOnlyMemory<byte> Body => _request.AsMemory(HeadLength);

    private int HeadLength { get; }

    public static EventBatch Create(Func<int, string> headFor, Random random, IReadOnlyList<string> images)
    {
        var body = new StringBuilder("{\"events\":[");
        for (var i = 0; i < Events; i++)
        {
            SampleEvents.Append(i > 0 ? body.Append(',') : body, random, images);
        }

        body.Append("]}");
        var head = headFor(body.Length);
        return new EventBatch(Encoding.ASCII.GetBytes(head + body), head.Length);
    }

    /// <summary>Gives every event a new id of that time, and times 10 ms apart within that second.</summary>
    public void Renew(DateTimeOffset at)
    {
        Span<byte> second = stackalloc byte[TimePrefix];
        at.UtcDateTime.TryFormat(second, out _, "yyyy-MM-dd'T'HH:mm:ss'.'", CultureInfo.InvariantCulture);
        for (var i = 0; i < Events; i++)
        {
            EventIds.Next(at).TryFormat(_request.AsSpan(_ids[i]), out _);
            var time = _request.AsSpan(_times[i]);
            second.CopyTo(time);
            (time[TimePrefix], time[TimePrefix + 1]) = ((byte)('0' + (i / 10)), (byte)('0' + (i % 10)));
        }
    }

    private int[] Find(string placeholder)
    {
        var (found, sought) = (new List<int>(Events), Encoding.ASCII.GetBytes(placeholder));
        for (var from = HeadLength; _request.AsSpan(from).IndexOf(sought) is var next && next >= 0; from += next + sought.Length)
        {
            found.Add(from + next);
        }

        return [.. found];
    }
}
