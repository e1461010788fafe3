using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Contracts.Settings;

namespace FleetManager.FaultLab.Model;

/// <summary>The settings that the console wants.</summary>
internal sealed record Wish(bool Enabled, bool HasDefault, int BatchSize, int Concurrency, bool NewestFirst, bool DropOldest, int MaxRecords, bool DeleteAfterBackup)
{
    private const int NoCap = 1_000_000;

    /// <summary>With which every run begins, and ends.</summary>
    public static Wish Plain { get; } = new(true, true, 20, 2, false, false, NoCap, false);

    /// <summary>Whether the store may drop what the server does not hold.</summary>
    public bool MayDrop => DropOldest || !Enabled;

    public static Wish Draw(Random random) => new(
        random.Next(6) > 0,
        random.Next(3) > 0,
        random.Next(1, 101),
        random.Next(2) == 0 ? 1 : random.Next(2, 9),
        random.Next(3) == 0,
        random.Next(3) == 0,
        random.Next(3) == 0 ? random.Next(5, 100) : NoCap,
        random.Next(4) == 0);

    public DesiredSettings Document(long revision) => Document(revision, Sections());

    /// <summary>This wish spoiled, so that an agent must refuse it, wholly or in part.</summary>
    public DesiredSettings Bad(long revision, Random random)
    {
        var sections = Sections();
        switch (random.Next(4))
        {
            case 0:
                return Document(revision, sections) with { Hash = "sha256:0" };
            case 1:
                return Document(revision, new JsonArray());
            case 2:
                sections["visionEventsBackup"]!["batchSize"] = 0;
                break;
            default:
                sections["eventStore"]!["maxRecords"] = "many";
                sections["surprise"] = true;
                break;
        }

        return Document(revision, sections);
    }

    private JsonObject Sections() => new()
    {
        ["eventStore"] = new JsonObject { ["minFreeDiskBytes"] = 0, ["maxRecords"] = MaxRecords, ["whenFull"] = DropOldest ? "dropOldest" : "refuse" },
        ["visionEventsBackup"] = new JsonObject
        {
            ["enabled"] = Enabled,
            ["defaultUseCaseId"] = HasDefault ? "line" : null,
            ["batchSize"] = BatchSize,
            ["concurrency"] = Concurrency,
            ["order"] = NewestFirst ? "newestFirst" : "oldestFirst",
            ["deleteAfterBackup"] = DeleteAfterBackup,
        },
    };

    private static DesiredSettings Document(long revision, JsonNode sections)
    {
        var json = JsonSerializer.SerializeToElement(sections);
        return new DesiredSettings(revision, CanonicalJson.Hash(json), DateTimeOffset.UnixEpoch, "lab", json);
    }
}
