using System.Globalization;
using System.Threading.RateLimiting;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>How often the history of devices may be read and written (vision-events.md 15). Past a limit: 429 with Retry-After.</summary>
internal static class DeviceLimits
{
    /// <summary>Reads of logs, by address.</summary>
    public const string LogReads = "device-log-reads";

    /// <summary>Reads of telemetry, by device.</summary>
    public const string TelemetryReads = "device-telemetry-reads";

    /// <summary>Batches of log lines, by device.</summary>
    public const string LogWrites = "device-log-writes";

    private const int LogWritesPerMinute = 60;

    // Ten in ten seconds are sixty in a minute: the reference's burst and its rate are one window.
    private const int TelemetryReadsPerWindow = 10;
    private static readonly TimeSpan s_telemetryWindow = TimeSpan.FromSeconds(10);

    public static void AddDeviceLimits(this IHostApplicationBuilder builder) => builder.Services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = RefuseAsync;
        options.AddPolicy(LogReads, http => Window(
            http,
            http.Connection.RemoteIpAddress?.ToString() ?? "",
            http.RequestServices.GetRequiredService<IOptions<FleetOptions>>().Value.Devices.LogReadsPerMinute,
            TimeSpan.FromMinutes(1)));
        options.AddPolicy(TelemetryReads, http => Window(http, Telemetry(http, Caller.Of(http.User)), TelemetryReadsPerWindow, s_telemetryWindow));
        options.AddPolicy(LogWrites, http => Window(http, Caller.Of(http.User).Actor, LogWritesPerMinute, TimeSpan.FromMinutes(1)));
    });

    // A device that asks for another one is refused only after this, and must use up nobody's limit but its own.
    private static string Telemetry(HttpContext http, Caller caller) => $"{caller.WorkspaceId}/{caller.DeviceId?.Value ?? http.Request.RouteValues["deviceId"]}";

    private static RateLimitPartition<string> Window(HttpContext http, string key, int permits, TimeSpan window)
    {
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        return RateLimitPartition.Get(key, _ => new FixedWindow(permits, window, time));
    }

    private static async ValueTask RefuseAsync(OnRejectedContext context, CancellationToken cancellationToken)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromMinutes(1);
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        context.HttpContext.Response.Headers.RetryAfter = seconds;
        await context.HttpContext.Response.WriteAsJsonAsync(
            new ErrorAnswer($"Too many requests of this kind: send the next one in {seconds} s."),
            ContractsJson.Default.ErrorAnswer,
            cancellationToken: cancellationToken);
    }
}
