using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Setup;

/// <summary>
/// What slow and silent connections may hold. Each costs a few kilobytes and a descriptor until its time is up; there are so many allowed that
/// thousands of them keep nobody out, and so few that they never use up the descriptors, without which nothing is accepted at all.
/// </summary>
internal static class HttpLimits
{
    private static readonly TimeSpan s_headers = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(130);

    /// <summary>Bytes per second, after a grace: below the slowest modem, above what a held connection sends.</summary>
    private static readonly MinDataRate s_body = new(240, TimeSpan.FromSeconds(5));

    public static void AddHttpLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<FleetOptions>>((kestrel, options) =>
        {
            kestrel.Limits.MaxConcurrentConnections = Math.Min(options.Value.Http.MaxConnections, MostDescriptors() / 4 * 3);
            kestrel.Limits.RequestHeadersTimeout = s_headers;
            kestrel.Limits.KeepAliveTimeout = s_idle;
            kestrel.Limits.MinRequestBodyDataRate = s_body;
            kestrel.Limits.MinResponseDataRate = s_body;
        });
    }

    /// <summary>Files and connections that the system lets this process have open; the runtime has raised the limit to the most that it may.</summary>
    private static long MostDescriptors()
    {
        const string Limits = "/proc/self/limits";
        var line = File.Exists(Limits) ? File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        var soft = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(3);
        return long.TryParse(soft, CultureInfo.InvariantCulture, out var most) ? most : long.MaxValue;
    }
}
