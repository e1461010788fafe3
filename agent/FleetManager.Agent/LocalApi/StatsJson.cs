using System.Text.Json;
using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.LocalApi;

/// <summary>Writes the reference's stats block and its series (vision-events.md 14.5).</summary>
internal static class StatsJson
{
    public static void Write(Utf8JsonWriter json, CleanUpReport report)
    {
        json.WriteStartObject();
        json.WriteString("at", report.At);
        json.WriteNumber("deleted_records", report.DeletedRecords);
        json.WriteNumber("freed_bytes", report.FreedBytes);
        json.WriteNumber("declared_lost_records", report.DeclaredLost);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, UsageSample sample)
    {
        json.WriteStartObject();
        json.WriteString("at", sample.At);
        json.WriteNumber("records", sample.Records);
        json.WriteNumber("records_percent", sample.RecordsPercent);
        json.WriteNumber("images", sample.Images);
        json.WriteNumber("bytes_used", sample.BytesUsed);
        json.WriteNumber("bytes_percent", sample.BytesPercent);
        json.WriteNumber("backed_up_records", sample.BackedUpRecords);
        Write(json, "backed_up_bytes_percent", sample.BackedUpBytesPercent);
        json.WriteNumber("pending_records", sample.PendingRecords);
        json.WriteNumber("pending_bytes", sample.PendingBytes);
        json.WriteNumber("parked_records", sample.ParkedRecords);
        json.WriteNumber("draft_records", sample.DraftRecords);
        Write(json, "oldest_draft_age_seconds", sample.OldestDraftAgeSeconds);
        Write(json, "disk_percent_used", sample.DiskPercentUsed);
        json.WriteEndObject();
    }

    /// <summary>What is not known is null, never zero.</summary>
    public static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
