using System.Globalization;
using FleetManager.Benchmarks.Hosting;

namespace FleetManager.Benchmarks.Load;

/// <summary>Every path and body that benchmarks send.</summary>
internal static class Wire
{
    public const string Batch = "/vision-events/batch";
    public const string Upload = "/vision-events/upload";
    public const string Query = "/vision-events/query";
    public const string UseCases = "/vision-events/use-cases";

    /// <summary>Of the variant that only reads.</summary>
    public const string Parse = "/parse";

    /// <summary>Everything of a request before its body.</summary>
    public static string Head(FleetServer server, string method, string path, int bodyLength, string contentType = "application/json") => string.Create(
        CultureInfo.InvariantCulture,
        $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nAuthorization: Bearer {server.Key}\r\nContent-Type: {contentType}\r\nContent-Length: {bodyLength}\r\n\r\n");
}
