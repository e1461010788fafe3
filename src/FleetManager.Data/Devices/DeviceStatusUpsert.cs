namespace FleetManager.Data.Devices;

/// <summary>
/// Writes what was heard of many devices at once. A part of a row (presence, settings, sync) replaces the stored one only when its
/// (boot, seq) is greater; a part that says nothing leaves the stored one alone. So writing a row twice, late or out of order is harmless.
/// The SQL is the same on every database; types and conversions come from the mapping.
/// </summary>
public static class DeviceStatusUpsert
{
    private static readonly string[] s_presence = ["presence_boot", "presence_seq", "presence", "agent_version"];
    private static readonly string[] s_settings =
        ["settings_boot", "settings_seq", "reported_revision", "reported_hash", "reported_state", "reported", "reported_at"];
    private static readonly string[] s_sync = ["sync_boot", "sync_seq", "sync_phase", "pending_records", "sync", "sync_at"];
    private static readonly string[] s_ifGiven = ["hardware", "last_uplink_at", "last_rest_at", "telemetry", "telemetry_at"];

    /// <summary>All rows in one transaction. Throws when the database fails or a device is gone; nothing is written then.</summary>
    public static async Task WriteAsync(FleetDb db, IReadOnlyList<DeviceStatus> rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(rows);
        var conflict = $"ON CONFLICT (device_key) DO UPDATE SET {string.Join(", ", Assignments())}";
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var command in InsertRows.Commands(db, "device_statuses AS s", rows, conflict))
        {
            await using (command)
            {
                await command.PrepareAsync(cancellationToken);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static IEnumerable<string> Assignments() =>
    [
        .. Newer(s_presence),
        .. Newer(s_settings),
        .. Newer(s_sync),
        .. s_ifGiven.Select(c => $"{c} = COALESCE(excluded.{c}, s.{c})"),
        "connected = CASE WHEN excluded.connection_changed_at IS NULL THEN s.connected ELSE excluded.connected END",
        "connection_changed_at = COALESCE(excluded.connection_changed_at, s.connection_changed_at)",
    ];

    /// <summary>The first two columns of a part are its boot and sequence.</summary>
    private static IEnumerable<string> Newer(string[] part) => part.Select(column =>
        $"{column} = CASE WHEN (excluded.{part[0]}, excluded.{part[1]}) > (s.{part[0]}, s.{part[1]}) THEN excluded.{column} ELSE s.{column} END");
}
