using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Sync;

namespace FleetManager.Server.Features.Receipts;

/// <summary>The completeness proof of a device (design 6), to be kept: where every number is that its stores have given out.</summary>
/// <param name="DeviceId">The device.</param>
/// <param name="At">When it was drawn up, by the server's clock.</param>
/// <param name="Stores">Every store that the device ever had, oldest first.</param>
internal sealed record DeviceProof(string DeviceId, DateTimeOffset At, IReadOnlyList<StoreProofRow> Stores)
{
    public static DeviceProof Of(string deviceId, DateTimeOffset at, IReadOnlyList<StoreProof> proofs, SyncReport? report) => new(
        deviceId,
        at,
        [
            .. proofs.Select(p =>
            {
                var reported = p.Epoch == report?.Epoch ? report : null;
                var last = Math.Max(p.LastKnown, reported?.LastSeq ?? 0);
                return new StoreProofRow(
                    p.Epoch, p.FirstSeenAt, last, p.Held, p.Declared, p.UnknownUpTo(last), reported?.PendingRecords ?? 0, reported?.ParkedRecords ?? 0);
            }),
        ]);
}

/// <summary>A store of a device: 1 to <paramref name="LastSeq"/> = held ∪ declared lost ∪ not accounted for.</summary>
/// <param name="Epoch">The store.</param>
/// <param name="FirstSeenAt">When it first sent something.</param>
/// <param name="LastSeq">Highest number that is known to have been given out.</param>
/// <param name="Held">Runs that this server holds.</param>
/// <param name="Declared">Losses as they were declared, with their reasons; a number that came after all is held as well.</param>
/// <param name="NotAccountedFor">Runs that are neither: still on the device, or missing.</param>
/// <param name="PendingOnDevice">How many the device last said are on their way; 0 for a store that it has no more.</param>
/// <param name="ParkedOnDevice">How many it last said this server refused.</param>
internal sealed record StoreProofRow(
    Guid Epoch,
    DateTimeOffset FirstSeenAt,
    long LastSeq,
    IReadOnlyList<SeqRange> Held,
    IReadOnlyList<DeclaredLoss> Declared,
    IReadOnlyList<SeqRange> NotAccountedFor,
    long PendingOnDevice,
    long ParkedOnDevice);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(DeviceProof))]
internal sealed partial class ProofJson : JsonSerializerContext;
