using System.Runtime.InteropServices;

namespace FleetManager.Data.Events;

/// <summary>
/// Orders the rows of a group for writing. Ids are sorted, because two writers that meet the same ids in different orders deadlock. Rows of one
/// id become one entry, the last one winning; where the origin changes between them they go to later rounds, so that writing round after
/// round says what writing row after row would say.
/// </summary>
internal sealed class EventGroup
{
    private readonly IReadOnlyList<EventRow> _rows;
    private readonly int[] _order;
    private readonly WriteResult[] _results;
    private readonly List<List<Entry>> _rounds = [];

    public EventGroup(IReadOnlyList<EventRow> rows)
    {
        _rows = rows;
        _results = new WriteResult[rows.Count];
        _order = [.. Enumerable.Range(0, rows.Count)];
        _order.AsSpan().Sort((a, b) => Compare(a, b) is var byId && byId != 0 ? byId : a.CompareTo(b));

        var round = 0;
        for (var from = 0; from < _order.Length;)
        {
            var through = from + 1;
            while (through < _order.Length && SameId(from, through) && SameOrigin(from, through))
            {
                through++;
            }

            round = from > 0 && SameId(from, from - 1) ? round + 1 : 0;
            if (_rounds.Count == round)
            {
                _rounds.Add([]);
            }

            _rounds[round].Add(new Entry(rows[_order[through - 1]].Event, from, through - from));
            from = through;
        }
    }

    public IReadOnlyList<List<Entry>> Rounds => _rounds;

    public IReadOnlyList<WriteResult> Results => _results;

    public void Set(Entry entry, WriteResult result)
    {
        foreach (var index in _order.AsSpan(entry.From, entry.Count))
        {
            _results[index] = result;
            result = result == WriteResult.Created ? WriteResult.Replaced : result;
        }
    }

    /// <summary>Numbers of the rows that are stored now, per device store, in the order in which stores are locked.</summary>
    public SortedDictionary<StoreKey, List<long>> Receipts()
    {
        var receipts = new SortedDictionary<StoreKey, List<long>>();
        for (var i = 0; i < _rows.Count; i++)
        {
            if (_rows[i] is { Store: { } store, Event: { OriginKey: { } device } row } && _results[i] != WriteResult.Foreign)
            {
                var key = new StoreKey(device, store.Epoch, row.WorkspaceId);
                if (!receipts.TryGetValue(key, out var numbers))
                {
                    receipts[key] = numbers = [];
                }

                numbers.Add(store.Seq);
            }
        }

        return receipts;
    }

    /// <summary>Metadata fields to note, each once, with the newest day, in the order in which their rows are locked.</summary>
    public List<MetadataField> Fields() =>
    [
        .. _rows.Where(r => r.Fields is not null).SelectMany(r => r.Fields!)
            .GroupBy(f => (f.UseCaseKey, f.OfImage, f.Name, f.Type))
            .Select(g => g.MaxBy(f => f.LastSeen)!)
            .OrderBy(f => f.UseCaseKey).ThenBy(f => f.OfImage).ThenBy(f => f.Name, StringComparer.Ordinal).ThenBy(f => f.Type),
    ];

    private int Compare(int a, int b)
    {
        var (left, right) = (_rows[a].Event, _rows[b].Event);
        var byWorkspace = left.WorkspaceId.CompareTo(right.WorkspaceId);
        return byWorkspace != 0 ? byWorkspace : string.CompareOrdinal(left.EventId, right.EventId);
    }

    private bool SameId(int a, int b) => Compare(_order[a], _order[b]) == 0;

    private bool SameOrigin(int a, int b) => _rows[_order[a]].Event.OriginKey == _rows[_order[b]].Event.OriginKey;

    /// <param name="Event">What is written.</param>
    /// <param name="From">Its rows, as a slice of the sorted order.</param>
    /// <param name="Count">How many they are.</param>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Entry(VisionEvent Event, int From, int Count);
}

/// <summary>A device's event store.</summary>
internal readonly record struct StoreKey(int DeviceKey, Guid Epoch, int WorkspaceId) : IComparable<StoreKey>
{
    public int CompareTo(StoreKey other) =>
        DeviceKey.CompareTo(other.DeviceKey) is var byDevice && byDevice != 0 ? byDevice : Epoch.CompareTo(other.Epoch);
}
