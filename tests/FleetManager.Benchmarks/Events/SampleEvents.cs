using System.Globalization;
using System.Text;

namespace FleetManager.Benchmarks.Events;

/// <summary>
/// The event of all benchmarks: the shape of the public examples, about 800 B in a batch. 8 use cases, of which one holds half; 200 devices;
/// 3 to 5 detections; 5 metadata keys, of which a part number belongs to one line.
/// </summary>
internal static class SampleEvents
{
    public const int UseCases = 8;
    public const int Devices = 200;
    public const int Lines = 10;
    public const int PartNumbers = 2_000;

    public const string IdPlaceholder = "00000000-0000-7000-8000-000000000000";
    public const string TimePlaceholder = "2026-01-01T00:00:00.000Z";

    /// <summary>Present in about a third of the events.</summary>
    public const string CommonClass = "bottle";

    private static readonly string[] s_classes = [CommonClass, "cap", "label", "scratch", "dent", "missing_cap", "foreign_object", "person", "forklift", "pallet"];
    private static readonly string[] s_shifts = ["morning", "evening", "night"];

    public static string UseCase(int number) => $"bench-line-qa-{number}";

    public static string Device(int number) => $"factory-cam-{number:d3}";

    public static string Line(int number) => $"line-{number}";

    /// <summary>Made on line <paramref name="number"/> modulo <see cref="Lines"/> only.</summary>
    public static string PartNumber(int number) => $"PN-{number:d4}";

    /// <summary>Appends one event as JSON, with placeholders for its id and time. All of it is ASCII.</summary>
    public static void Append(StringBuilder json, Random random, IReadOnlyList<string> images)
    {
        var part = random.Next(PartNumbers);
        var useCase = random.Next(2) == 0 ? 0 : random.Next(1, UseCases);
        json.Append(CultureInfo.InvariantCulture, $"{{\"eventId\":\"{IdPlaceholder}\",{TypeAndData(random)},\"useCaseId\":\"{UseCase(useCase)}\",")
            .Append(CultureInfo.InvariantCulture, $"\"timestamp\":\"{TimePlaceholder}\",\"deviceId\":\"{Device(random.Next(Devices))}\",")
            .Append(CultureInfo.InvariantCulture, $"\"streamId\":\"{Line(part % Lines)}\",\"images\":[{{\"sourceId\":\"{images[random.Next(images.Count)]}\",")
            .Append("\"objectDetections\":[");
        var detections = random.Next(3, 6);
        for (var i = 0; i < detections; i++)
        {
            json.Append(i > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{{\"class\":\"{Class(random)}\",\"x\":{random.Next(50, 1230)},")
                .Append(CultureInfo.InvariantCulture, $"\"y\":{random.Next(50, 670)},\"width\":{random.Next(20, 200)},\"height\":{random.Next(20, 200)},")
                .Append(CultureInfo.InvariantCulture, $"\"confidence\":0.{random.Next(400, 1000)}}}");
        }

        json.Append(CultureInfo.InvariantCulture, $"]}}],\"customMetadata\":{{\"line_id\":\"{Line(part % Lines)}\",\"shift\":\"{s_shifts[random.Next(3)]}\",")
            .Append(CultureInfo.InvariantCulture, $"\"operator\":\"op-{random.Next(50)}\",\"part_number\":\"{PartNumber(part)}\",")
            .Append(CultureInfo.InvariantCulture, $"\"temperature\":{random.Next(15, 90)}.{random.Next(1, 10)}}}}}");
    }

    private static string Class(Random random) => s_classes[(int)(s_classes.Length * Math.Pow(random.NextDouble(), 2.5))];

    private static string TypeAndData(Random random) => random.Next(20) switch
    {
        < 12 => $"\"eventType\":\"quality_check\",\"eventData\":{{\"result\":\"{(random.Next(10) == 0 ? "fail" : "pass")}\",\"externalId\":\"SN-{random.Next(1_000_000):d6}\"}}",
        < 16 => $"\"eventType\":\"inventory_count\",\"eventData\":{{\"location\":\"aisle-{random.Next(20)}\",\"itemCount\":{random.Next(500)},\"itemType\":\"bottle\"}}",
        < 19 => "\"eventType\":\"safety_alert\",\"eventData\":{\"alertType\":\"person_in_zone\",\"severity\":\"high\",\"description\":\"near the press\"}",
        _ => $"\"eventType\":\"custom\",\"eventData\":{{\"value\":\"cycle {random.Next(10_000)}\"}}",
    };
}
