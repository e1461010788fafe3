using System.Globalization;
using System.Net;
using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>The server's routes that carry what must not be lost (design 5.4).</summary>
internal sealed class BackupRoutes(ServerHttp http, Throttle throttle, Func<BackupSettings> backup)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    // More than a timer takes is no limit at all.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(20);

    // Slower than this a request is given up; its bytes would have taken minutes anyway.
    private const long SlowestBytesPerSecond = 8 * 1024;

    public Task<Reply<UploadAnswer>> UploadAsync(string path, CancellationToken cancellationToken)
    {
        var length = new FileInfo(path).Length;
        var picture = new PacedContent(() => File.OpenRead(path), length, "application/octet-stream", throttle);
        var form = new MultipartFormDataContent { { picture, "file", Path.GetFileName(path) } };
        return http.SendAsync(
            http.Request(HttpMethod.Post, "/vision-events/upload", form), HttpStatusCode.Created, ContractsJson.Default.UploadAnswer, TimeoutOf(length), cancellationToken);
    }

    public Task<Reply<PartialBatchAnswer>> BatchAsync(byte[] batch, CancellationToken cancellationToken)
    {
        var body = new PacedContent(() => new MemoryStream(batch, writable: false), batch.Length, "application/json", throttle);
        return http.SendAsync(
            http.Request(HttpMethod.Post, "/vision-events/batch?partial=true", body),
            HttpStatusCode.Created,
            ContractsJson.Default.PartialBatchAnswer,
            TimeoutOf(batch.Length),
            cancellationToken);
    }

    public Task<Reply<Receipts>> ReceiptsAsync(Guid epoch, CancellationToken cancellationToken) =>
        http.SendAsync(
            http.Request(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/agent/v1/receipts?epoch={epoch}")),
            HttpStatusCode.OK,
            ContractsJson.Default.Receipts,
            s_timeout,
            cancellationToken);

    /// <summary>Tells of losses; null when the server has taken them.</summary>
    public Task<Failure?> LossesAsync(LossReport report, CancellationToken cancellationToken) =>
        http.SendAsync(
            http.Request(HttpMethod.Post, "/agent/v1/losses", JsonContent.Create(report, ContractsJson.Default.LossReport)), s_timeout, cancellationToken);

    private TimeSpan TimeoutOf(long bytes)
    {
        // The requests under way share the cap.
        var rate = backup() is { MaxBytesPerSecond: > 0 } capped
            ? Math.Min((double)capped.MaxBytesPerSecond / capped.Concurrency, SlowestBytesPerSecond)
            : SlowestBytesPerSecond;
        var needed = bytes / rate;
        return s_timeout + (needed < s_longest.TotalSeconds ? TimeSpan.FromSeconds(needed) : s_longest);
    }
}
