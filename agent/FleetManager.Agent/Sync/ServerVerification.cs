using System.Globalization;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Sync;

/// <summary>
/// The online half of <c>fleet-agent verify</c>: compares what the device takes the server to hold with the server's own receipts. It changes
/// nothing on either side; the reconciliation of a running agent mends what can be mended.
/// </summary>
internal sealed class ServerVerification(ServerHttp http, TimeProvider time)
{
    private const int MostShown = 5;

    /// <param name="epoch">The store.</param>
    /// <param name="lastSeq">Its last number.</param>
    /// <param name="held">Numbers that the device takes the server to hold.</param>
    /// <param name="lost">Numbers that the device declared lost, told to the server or not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ServerVerdict> CompareAsync(
        Guid epoch, long lastSeq, IReadOnlyList<SeqRange> held, IReadOnlyList<SeqRange> lost, CancellationToken cancellationToken)
    {
        var reply = await new BackupRoutes(http, new Throttle(() => 0, time), () => new(), time).ReceiptsAsync(epoch, cancellationToken);
        if (reply.Value is not { Held: { } held2, DeclaredLost: { } lost2 } receipts || receipts.Epoch != epoch)
        {
            return new ServerVerdict(reply.Failure?.Message ?? "the server's receipts can not be read", []);
        }

        var (here, there) = (new SeqSet(held), new SeqSet(held2));
        var known = new SeqSet(held2.Concat(lost2));
        var issued = new SeqRange(1, lastSeq);
        var findings = new List<ServerFinding>();
        Add(isFault: true, here.Ranges.SelectMany(there.Gaps), "acknowledged, but the server does not hold them: they are sent again, or declared lost where they are gone");
        Add(isFault: true, there.Ranges.Where(r => r.Through > lastSeq).Select(r => r with { From = Math.Max(r.From, lastSeq + 1) }),
            "held by the server, but never given out here: this store is an older copy of itself, and the agent begins a new epoch");
        Add(isFault: false, there.Within(issued).SelectMany(here.Gaps), "held by the server, which the device does not know yet: it learns it when it next compares");
        Add(isFault: false, lost.SelectMany(known.Gaps), "declared lost, which the server was not told yet");
        return new ServerVerdict(null, findings);

        void Add(bool isFault, IEnumerable<SeqRange> ranges, string what)
        {
            if (ranges.ToList() is { Count: > 0 } some)
            {
                findings.Add(new ServerFinding(isFault, some, string.Create(CultureInfo.InvariantCulture, $"{some.Sum(r => r.Count)} events {what} ({Shown(some)})")));
            }
        }
    }

    private static string Shown(List<SeqRange> ranges) =>
        string.Join(", ", ranges.Take(MostShown).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.From}–{r.Through}")))
        + (ranges.Count > MostShown ? $" and {ranges.Count - MostShown} more runs" : "");
}

/// <param name="Unreachable">Why the server could not be asked; null when it could.</param>
/// <param name="Findings">Where the two sides differ; empty when they agree.</param>
internal sealed record ServerVerdict(string? Unreachable, IReadOnlyList<ServerFinding> Findings)
{
    /// <summary>True when the server was asked and holds all that it acknowledged. What one side will yet learn of the other is no fault.</summary>
    public bool Holds => Unreachable is null && Findings.All(f => !f.IsFault);
}

/// <param name="IsFault">Whether the promise is broken; otherwise the two sides have not spoken yet.</param>
/// <param name="Ranges">Numbers.</param>
/// <param name="Text">For people.</param>
internal sealed record ServerFinding(bool IsFault, IReadOnlyList<SeqRange> Ranges, string Text);
