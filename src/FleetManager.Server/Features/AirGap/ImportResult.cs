using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.AirGap;

/// <summary>What became of an imported archive; grows while it is taken in.</summary>
internal sealed class ImportResult
{
    private const int MostReasons = 5;
    private readonly Dictionary<string, ImportReason> _reasons = new(StringComparer.Ordinal);

    /// <summary>The device whose events they are.</summary>
    public required string DeviceId { get; init; }

    /// <summary>Its store.</summary>
    public required Guid Epoch { get; init; }

    /// <summary>Events in the archive.</summary>
    public required long Events { get; init; }

    /// <summary>Events that are new to this server.</summary>
    public long Created { get; private set; }

    /// <summary>Events that this server had already.</summary>
    public long Known { get; private set; }

    /// <summary>Events that were refused; they stay on the device.</summary>
    public long Refused { get; private set; }

    /// <summary>Images in the archive that are kept.</summary>
    public long Images { get; set; }

    /// <summary>The most frequent reasons for refusing, at most five.</summary>
    public IReadOnlyList<ImportReason> Reasons => [.. _reasons.Values.OrderByDescending(r => r.Count).Take(MostReasons)];

    /// <summary>In one sentence, for people.</summary>
    public override string ToString() =>
        $"Device {DeviceId}: {Events} events in the archive, of which {Created} are new, {Known} were here already and {Refused} are refused; {Images} images.";

    public void Add(PartialBatchAnswer answer)
    {
        foreach (var item in answer.Results)
        {
            switch (item.Status)
            {
                case ItemStatus.Created:
                    Created++;
                    break;
                case ItemStatus.Replaced:
                    Known++;
                    break;
                default:
                    Refused++;
                    var code = item.Code ?? "rejected";
                    _reasons[code] = new ImportReason(code, item.Message ?? "", (_reasons.GetValueOrDefault(code)?.Count ?? 0) + 1);
                    break;
            }
        }
    }
}

/// <summary>Why events were refused.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people; of the latest of them.</param>
/// <param name="Count">How many.</param>
internal sealed record ImportReason(string Code, string Message, long Count);
