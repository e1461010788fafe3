using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>What a figure was measured on.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync(Stage stage, CancellationToken cancellationToken)
    {
        var postgres = await stage.PostgresAsync(cancellationToken);
        await using var connection = NpgsqlDataSource.Create(postgres.ConnectionTo("postgres"));
        var settings = await connection.ReadAsync(
            """
            SELECT name || ' ' || current_setting(name) FROM pg_settings
            WHERE name IN ('server_version', 'shared_buffers', 'fsync', 'synchronous_commit', 'max_wal_size') ORDER BY name
            """,
            r => r.GetString(0),
            cancellationToken);
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var disk = new DriveInfo(stage.Folder).DriveFormat;
        FormattableString text =
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores of {processor}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {disk}; {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; PostgreSQL: {string.Join(", ", settings)}. Load, server and database share it and talk over loopback.";
        return text.ToString(CultureInfo.InvariantCulture);
    }
}
