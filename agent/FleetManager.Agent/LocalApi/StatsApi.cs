using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.LocalApi;

/// <summary>How the store is, in the reference's field names (vision-events.md 14.5), now and over the last two weeks.</summary>
internal sealed class StatsApi(DeviceStore store, TimeProvider time, Func<SyncPhase?> phase)
{
    private static readonly Dictionary<string, TimeSpan> s_windows = new(StringComparer.Ordinal)
    {
        ["1h"] = TimeSpan.FromHours(1),
        ["24h"] = TimeSpan.FromHours(24),
        ["7d"] = TimeSpan.FromDays(7),
        ["14d"] = TimeSpan.FromDays(14),
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", (RequestDelegate)HealthAsync);
        routes.MapGet("/v2/stats", (RequestDelegate)StatsAsync);
        routes.MapGet("/v2/stats/history", (RequestDelegate)HistoryAsync);
    }

    /// <summary>Whether the store works. Needs no key.</summary>
    private Task HealthAsync(HttpContext context)
    {
        var stats = store.Stats();
        return Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteString("status", "ok");
            json.WriteString("version", AgentVersion.Current);
            json.WriteNumber("records", stats.Totals.Records);
            json.WriteNumber("pending_records", stats.Pending);
        });
    }

    private Task StatsAsync(HttpContext context)
    {
        var (stats, usage) = (store.Stats(), UsageSample.Of(store, time.GetUtcNow()));
        return Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteNumber("records", usage.Records);
            json.WriteNumber("records_limit", usage.RecordsLimit);
            json.WriteNumber("records_percent", usage.RecordsPercent);
            json.WriteNumber("images", usage.Images);
            json.WriteNumber("bytes_used", usage.BytesUsed);
            json.WriteNumber("bytes_limit", usage.BytesLimit);
            json.WriteNumber("bytes_percent", usage.BytesPercent);
            WriteBackup(json, stats, usage);
            json.WriteStartObject("drafts");
            json.WriteNumber("draft_records", usage.DraftRecords);
            StatsJson.Write(json, "oldest_draft_age_seconds", usage.OldestDraftAgeSeconds);
            json.WriteEndObject();
            json.WriteStartObject("disk");
            StatsJson.Write(json, "disk_percent_used", usage.DiskPercentUsed);
            json.WriteNumber("disk_free_bytes", store.FreeDiskBytes);
            json.WriteEndObject();
            if (stats.CapacityBlocked is { } blocked)
            {
                json.WriteBoolean("capacity_blocked", blocked);
            }
            else
            {
                json.WriteNull("capacity_blocked");
            }

            json.WriteNumber("unuploaded_records", stats.Pending + stats.Parked);
            json.WritePropertyName("last_cleanup");
            if (store.LastCleanUp is { } report)
            {
                StatsJson.Write(json, report);
            }
            else
            {
                json.WriteNullValue();
            }

            json.WriteBoolean("stale", false);
            json.WriteString("reported_at", usage.At);

            // The console's clock is not known here.
            json.WriteNull("received_at");
        });
    }

    private void WriteBackup(Utf8JsonWriter json, StoreStats stats, UsageSample usage)
    {
        json.WriteStartObject("backup");
        json.WriteBoolean("enabled", store.Policy.Backup.Enabled);
        json.WriteString("phase", phase() is { } known ? JsonSerializer.SerializeToElement(known, ContractsJson.Default.SyncPhase).GetString() : null);
        json.WriteNumber("backed_up_records", usage.BackedUpRecords);
        StatsJson.Write(json, "backed_up_bytes_percent", usage.BackedUpBytesPercent);
        json.WriteNumber("pending_records", usage.PendingRecords);
        json.WriteNumber("pending_bytes", usage.PendingBytes);
        json.WriteNumber("parked_records", usage.ParkedRecords);
        json.WriteNumber("declared_lost_records", stats.DeclaredLost);
        json.WriteString("epoch", stats.Epoch);
        json.WriteNumber("last_seq", stats.Totals.LastSeq);
        json.WriteNumber("acked_through", stats.AckedThrough);
        json.WriteEndObject();
    }

    /// <summary>Samples of a window, oldest first.</summary>
    private Task HistoryAsync(HttpContext context)
    {
        var query = new QueryReader(context.Request.Query, "window");
        var name = query.Text("window") ?? "24h";
        if (!s_windows.TryGetValue(name, out var window))
        {
            query.Fail($"window must be one of {string.Join(", ", s_windows.Keys)}");
        }

        if (query.Fault is { } fault)
        {
            return Answer.FaultAsync(context, fault);
        }

        var now = time.GetUtcNow();
        var samples = store.Usage.Read(now - window, now);
        return Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteString("window", name);
            if (samples.Count > 0)
            {
                json.WriteString("covered_from", samples[0].At);
                json.WriteString("covered_to", samples[^1].At);
            }
            else
            {
                json.WriteNull("covered_from");
                json.WriteNull("covered_to");
            }

            json.WriteBoolean("truncated", samples.Count == UsageHistory.MostSamples);
            json.WriteStartArray("samples");
            foreach (var sample in samples)
            {
                StatsJson.Write(json, sample);
            }

            json.WriteEndArray();
        });
    }
}
