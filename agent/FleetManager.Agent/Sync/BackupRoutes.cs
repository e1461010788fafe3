using System.Globalization;
using System.IO.Compression;
using System.Net;
using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>The server's routes that carry what must not be lost (design 5.4).</summary>
internal sealed class BackupRoutes(ServerHttp http, Throttle throttle, Func<BackupSettings> backup, TimeProvider time)
{
    private readonly LinkSpeed _link = new();

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

    public async Task<Reply<PartialBatchAnswer>> BatchAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        var isPacked = ShouldPack(batch.Length);
        var sent = isPacked ? Pack(batch.Span) : batch;
        var body = new PacedContent(sent, "application/json", throttle);
        if (isPacked)
        {
            body.Headers.ContentEncoding.Add("gzip");
        }

        var started = time.GetTimestamp();
        var reply = await http.SendAsync(
            http.Request(HttpMethod.Post, "/vision-events/batch?partial=true", body),
            HttpStatusCode.Created,
            ContractsJson.Default.PartialBatchAnswer,
            TimeoutOf(sent.Length),
            cancellationToken);
        if (reply.Value is not null)
        {
            _link.Observe(sent.Length, time.GetElapsedTime(started));
        }

        return reply;
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

    private bool ShouldPack(int bytes) => backup().Compression switch
    {
        BackupCompression.Always => true,
        BackupCompression.Never => false,
        _ => _link.ShouldPack(bytes, backup().MaxBytesPerSecond),
    };

    private static ReadOnlyMemory<byte> Pack(ReadOnlySpan<byte> body)
    {
        var packed = new MemoryStream(body.Length / 3);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }

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
