using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Sync;
using FleetManager.Server.Components;
using FleetManager.Server.Features.Receipts;

namespace FleetManager.Server.Features.Devices.Pages;

/// <summary>The completeness proof of one store in one line: <c>1–48 211 held · 3 declared lost · 0 unknown</c>.</summary>
internal static class ProofWords
{
    public static IReadOnlyList<string> Of(IReadOnlyList<StoreProof> proofs, SyncReport? report) =>
        [.. proofs.Reverse().Select(p => p.Epoch == report?.Epoch ? Of(p, report) : "Earlier store: " + Of(p, null))];

    private static string Of(StoreProof proof, SyncReport? report)
    {
        var unaccounted = proof.UnknownUpTo(Math.Max(proof.LastKnown, report?.LastSeq ?? 0)).Sum(r => r.Count);

        // What the device says it still has is on its way; only the rest is a gap that nobody can explain.
        var onDevice = Math.Min(unaccounted, (report?.PendingRecords ?? 0) + (report?.ParkedRecords ?? 0) + (report?.DraftRecords ?? 0));
        var waiting = onDevice > 0 ? $" · {Format.Count(onDevice)} still on the device" : "";
        return $"{Held(proof.Held)} held · {Format.Count(proof.LostCount)} declared lost{waiting} · {Format.Count(unaccounted - onDevice)} unknown";
    }

    private static string Held(IReadOnlyList<SeqRange> held) => held switch
    {
        [] => "0",
        [var one] => $"{Format.Count(one.From)}–{Format.Count(one.Through)}",
        _ => $"{Format.Count(held.Sum(r => r.Count))} in {held.Count} runs",
    };
}
