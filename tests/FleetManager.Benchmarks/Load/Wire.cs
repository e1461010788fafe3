using System.Globalization;
using System.Text;
using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;

namespace FleetManager.Benchmarks.Load;

/// <summary>Every path and body that benchmarks send.</summary>
internal static class Wire
{
    public const string Batch = "/vision-events/batch";
    public const string Upload = "/vision-events/upload";
    public const string Query = "/vision-events/query";
    public const string UseCases = "/vision-events/use-cases";

    /// <summary>The newest 50 events of the busiest use case that pass a filter, such as <c>"eventType":"custom"</c>.</summary>
    public static string Newest50(string filter) =>
        $"{{\"useCaseId\":\"{SampleEvents.UseCase(0)}\",\"limit\":50{(filter.Length > 0 ? "," : "")}{filter}}}";

    public static string TextFilter(string field, string value) => $"\"{field}\":{{\"operator\":\"eq\",\"value\":\"{value}\"}}";

    public static string TimeFilter(DateTimeOffset from, DateTimeOffset to) => $"\"startTime\":\"{Time(from)}\",\"endTime\":\"{Time(to)}\"";

    public static string MetadataFilters(params ReadOnlySpan<(string Key, string Value)> pairs) =>
        $"\"customMetadataFilters\":[{string.Join(",", pairs.ToArray().Select(p => $"{{\"field\":\"{p.Key}\",\"operator\":\"eq\",\"value\":\"{p.Value}\",\"type\":\"string\"}}"))}]";

    public static string Histogram(DateTimeOffset from, DateTimeOffset to) => $"{Counts}histogram?from={Time(from)}&to={Time(to)}&bucket=hour";

    public static string Facets(DateTimeOffset from, DateTimeOffset to, string key) => $"{Counts}facets?from={Time(from)}&to={Time(to)}&field=customMetadata.{key}";

    /// <summary>Of the variant that only reads.</summary>
    public const string Parse = "/parse";

    private static string Counts => $"/api/v1/use-cases/{SampleEvents.UseCase(0)}/";

    /// <summary>A whole request.</summary>
    public static byte[] Request(FleetServer server, string method, string path, string body = "") =>
        Encoding.UTF8.GetBytes(Head(server, method, path, Encoding.UTF8.GetByteCount(body)) + body);

    /// <summary>Everything of a request before its body.</summary>
    public static string Head(FleetServer server, string method, string path, int bodyLength, string contentType = "application/json") => string.Create(
        CultureInfo.InvariantCulture,
        $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nAuthorization: Bearer {server.Key}\r\nContent-Type: {contentType}\r\nContent-Length: {bodyLength}\r\n\r\n");

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
