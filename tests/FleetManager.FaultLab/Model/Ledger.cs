using FleetManager.Agent.EventStore;
using FleetManager.Contracts.Agents;
using FleetManager.FaultLab.Network;

namespace FleetManager.FaultLab.Model;

/// <summary>The oracle: it knows what was handed in and what was answered, and compares that with the store and the server after each step.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<string, Issued> _issued = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _pictures = new(StringComparer.Ordinal);
    private long _ceiling = long.MaxValue;

    /// <summary>Whether the settings ever let the store drop what the server does not hold.</summary>
    public bool MayDrop { get; set; }

    public int Accepted => _issued.Values.Count(i => i.Accepted);

    public Issued Issue(string id, EventKind kind, NewImage? picture)
    {
        var issued = new Issued(id, kind, "mark of " + id, picture?.Hash);
        _issued.Add(id, issued);
        if (picture is not null)
        {
            _pictures[picture.Hash] = picture.Content.Length;
        }

        return issued;
    }

    public Issued? Find(string id) => _issued.GetValueOrDefault(id);

    public bool KnowsPicture(string hash) => _pictures.ContainsKey(hash);

    public void CheckReason(string reason) => Violation.Unless(
        reason switch
        {
            "store_full" or "expired" => MayDrop,
            "lost_by_server" => true,
            _ => false,
        },
        "G7", $"events were declared lost as '{reason}', which nothing in this run allows");

    /// <summary>A cap was set: from now on the store may hold this many, or what it held when the cap came below that.</summary>
    public void Cap(long records, long now) => _ceiling = Math.Max(records, now);

    /// <summary>What must hold at any instant at which nothing moves.</summary>
    public void Check(DeviceStore store, ModelServer server, long cap)
    {
        var stats = store.Stats();
        var rows = store.Latest(int.MaxValue);
        var held = new SeqSet(store.HeldRanges());
        var lost = new SeqSet(server.Lost.Ranges.Concat(store.UnreportedLosses(int.MaxValue).Select(l => new SeqRange(l.From, l.Through))));
        foreach (var loss in store.UnreportedLosses(int.MaxValue))
        {
            CheckReason(loss.Reason);
        }

        CheckRows(rows, held, store);
        CheckSums(stats, rows, cap);
        foreach (var seq in held.Ranges.SelectMany(Numbers).Where(seq => !server.Forgot && !server.Holds(stats.Epoch, seq)))
        {
            throw new Violation("G2", $"the device takes {seq} as held, and the server has not got it");
        }

        CheckMissing(rows, held, lost, server);
    }

    /// <summary>What must hold once the faults are over and there was time to make good.</summary>
    public void CheckEnd(DeviceStore store, ModelServer server)
    {
        var stats = store.Stats();
        var parked = _issued.Values.Where(i => i.Seq is { } seq && i.Kind is EventKind.Poison or EventKind.Spoiler && !server.Lost.Contains(seq)).Select(i => i.Seq!.Value).ToList();
        Violation.Unless(stats.Pending == 0, "G5", $"{stats.Pending} events are still pending");
        Violation.Unless(store.UnreportedLosses(1).Count == 0, "G2", "the server was not told of every loss");
        Violation.Unless(stats.Parked == parked.Count, "G8", $"{stats.Parked} events are parked, {parked.Count} are such that the server refuses them");
        var accounted = server.Numbers(stats.Epoch).Concat(server.Lost.Ranges.SelectMany(Numbers)).Concat(parked).Distinct().Order();
        Violation.Unless(accounted.SequenceEqual(Numbers(new SeqRange(1, stats.Totals.LastSeq))), "G2", $"of 1 to {stats.Totals.LastSeq} not every number is held, parked or declared lost");
        Violation.Unless(server.Ids.All(_issued.ContainsKey), "G2", "the server holds an event that nobody handed in");
    }

    private void CheckRows(IReadOnlyList<NumberedEvent> rows, SeqSet held, DeviceStore store)
    {
        foreach (var row in rows)
        {
            Violation.Unless(_issued.TryGetValue(row.Event.Id, out var issued), "G2", $"the store holds event {row.Event.Id}, which nobody handed in");
            issued!.Seen(row.Seq);
            Violation.Unless(
                held.Contains(row.Seq) || issued.Picture is not { } picture || (File.Exists(store.ImagePath(picture)) && new FileInfo(store.ImagePath(picture)).Length == _pictures[picture]),
                "G1", $"event {row.Seq} waits to be sent, and the file of its picture is gone or short");
        }
    }

    private void CheckMissing(IReadOnlyList<NumberedEvent> rows, SeqSet held, SeqSet lost, ModelServer server)
    {
        var here = rows.Select(r => r.Event.Id).ToHashSet(StringComparer.Ordinal);
        var missing = _issued.Values.Where(i => i.Accepted && !here.Contains(i.Id) && !server.Holds(i.Id)).ToList();
        if (missing.Find(i => i.Seq is { } seq && !lost.Contains(seq) && !(server.Forgot && held.Contains(seq))) is { } gone)
        {
            throw new Violation("G2", $"event {gone.Id} (number {gone.Seq}) was accepted and is neither on the device, nor on the server, nor declared lost");
        }

        // Taken and dropped within one step, by others that came with it: its number was never seen, but is among the lost.
        var unseen = missing.Where(i => i.Seq is null).ToList();
        var unexplained = lost.Count - _issued.Values.Count(i => i.Seq is { } seq && lost.Contains(seq));
        Violation.Unless(unseen.Count <= unexplained, "G1", $"event {unseen.FirstOrDefault()?.Id} was accepted and is neither on the device, nor on the server, nor declared lost");
    }

    private void CheckSums(StoreStats stats, IReadOnlyList<NumberedEvent> rows, long cap)
    {
        Violation.Unless(stats.Totals.Records == rows.Count, "G6", $"the store says {stats.Totals.Records} events and has {rows.Count}");
        Violation.Unless(stats.Totals.Records <= _ceiling, "G6", $"{stats.Totals.Records} events are stored, the cap is {cap}");
        _ceiling = Math.Max(cap, Math.Min(_ceiling, stats.Totals.Records));
        var pictures = rows.Select(r => _issued[r.Event.Id].Picture).OfType<string>().Distinct().Sum(p => (long)_pictures[p]);
        var bytes = rows.Sum(r => r.Event.OwnBytes) + pictures;
        Violation.Unless(stats.Totals.Bytes == bytes, "G6", $"the store says {stats.Totals.Bytes} bytes and has {bytes}");
        Violation.Unless(
            stats.Totals.LastSeq == stats.BackedUp + stats.Pending + stats.Parked + stats.DeclaredLost, "G2",
            $"issued {stats.Totals.LastSeq}, held {stats.BackedUp}, pending {stats.Pending}, parked {stats.Parked}, lost {stats.DeclaredLost}");
    }

    private static IEnumerable<long> Numbers(SeqRange range)
    {
        for (var seq = range.From; seq <= range.Through; seq++)
        {
            yield return seq;
        }
    }
}
