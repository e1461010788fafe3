using System.IO.Hashing;
using System.Runtime.InteropServices;
using FleetManager.Data.Events;

namespace FleetManager.Data.Postgres;

/// <summary>
/// Remembers which events this process wrote of late: what is sent again after a lost answer is sent soon. Says "perhaps" to a few that it
/// never saw, and "no" to what was written long ago or elsewhere.
/// </summary>
internal sealed class RecentIds(int generation = 500_000)
{
    private readonly Lock _lock = new();
    private HashSet<ulong> _young = [];
    private HashSet<ulong> _old = [];

    /// <summary>Those entries that may have been written before, in their order.</summary>
    public HashSet<(int WorkspaceId, string EventId)> Known(List<EventGroup.Entry> entries)
    {
        var known = new HashSet<(int, string)>();
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                var hash = Hash(entry.Event);
                if (_young.Contains(hash) || _old.Contains(hash))
                {
                    known.Add((entry.Event.WorkspaceId, entry.Event.EventId));
                }
            }
        }

        return known;
    }

    public void Add(IReadOnlyList<EventRow> rows)
    {
        lock (_lock)
        {
            if (_young.Count + rows.Count > generation)
            {
                (_old, _young) = (_young, _old);
                _young.Clear();
            }

            foreach (var row in rows)
            {
                _young.Add(Hash(row.Event));
            }
        }
    }

    private static ulong Hash(VisionEvent row) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(row.EventId.AsSpan()), row.WorkspaceId);
}
