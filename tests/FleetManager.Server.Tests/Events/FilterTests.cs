using System.Net;
using System.Runtime.CompilerServices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Events;

/// <summary>Every filter with every operator, over the same events on both databases; query and count must agree.</summary>
public sealed class FilterTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static readonly ConditionalWeakTable<FleetApplication, Task<string>> s_useCases = [];

    // What an event has beside its id and its use case.
    private static readonly (char Name, string Members)[] s_events =
    [
        ('a', """ "eventType":"quality_check","eventData":{"result":"pass","externalId":"x-1"},"customMetadata":{"line":"A","temp":1,"ok":true} """),
        ('b', """
              "eventType":"quality_check","eventData":{"result":"fail"},"customMetadata":{"line":"B","temp":1.0,"ok":false},
              "images":[{"objectDetections":[{"class":"coin","x":1,"y":1,"width":1,"height":1,"confidence":0.9}],"metadata":{"camera":"top","exposure":5}}]
              """),
        ('c', """
              "eventType":"inventory_count","eventData":{"itemCount":3,"itemType":"coin","location":"tray-1"},"customMetadata":{"line":"A","temp":"1"},
              "images":[{"objectDetections":[{"class":"coin","confidence":0.4},{"class":"scratch","confidence":0.95}]}]
              """),
        ('d', """
              "eventType":"inventory_count","eventData":{"itemCount":10.0,"location":"Tray-2"},"customMetadata":{"temp":2.5,"part no-1":"x\"y\\z"},
              "images":[{"classifications":[{"class":"scratch","confidence":0.3}],"metadata":{"camera":"top","exposure":2,"lens":null}},
                        {"keypoints":[{"class":"co\"in","confidence":0.99}],"metadata":{"camera":"side","exposure":7}}]
              """),
        ('e', """ "eventType":"safety_alert","eventData":{"alertType":"ppe","severity":"high","own":1},"customMetadata":{"line":"\u00e9t\u00e9","ok":"true"} """),
        ('f', """ "eventType":"custom","images":[{"objectDetections":[{"class":"Coin"}]}],"customMetadata":{"big":9007199254740993,"tiny":1e-300} """),
        ('g', """ "eventType":"operator_feedback","eventData":{"relatedEventId":"{0}a","feedback":"correct"} """),
        ('h', """ "eventType":"operator_feedback","eventData":{"relatedEventId":"{0}a","feedback":"incorrect"} """),
        ('i', """ "eventType":"operator_feedback","eventData":{"relatedEventId":"{0}b","feedback":"maybe"} """),
    ];

    public static TheoryData<DatabaseKind, string, string> Filters { get; } = new(
        from kind in Enum.GetValues<DatabaseKind>()
        from row in new (string Filter, string Found)[]
        {
            // externalId
            (""" "externalId":{"operator":"eq","value":"x-1"} """, "a"),
            (""" "externalId":{"operator":"neq","value":"x-1"} """, "bcdefghi"),

            // detection
            (""" "detection":{"operator":"eq","value":"coin"} """, "bc"),
            (""" "detection":{"operator":"eq","value":"co\"in"} """, "d"),
            (""" "detection":{"operator":"eq","value":"coi"} """, ""),
            (""" "detection":{"operator":"neq","value":"coin"} """, "adefghi"),
            (""" "detection":{"operator":"in","value":["coin","scratch"]} """, "bcd"),
            (""" "detection":{"operator":"not_in","value":["coin","scratch"]} """, "aefghi"),
            (""" "detection":{"operator":"eq","value":"coin","confidence":{"operator":"gt","value":0.4}} """, "b"),
            (""" "detection":{"operator":"eq","value":"coin","confidence":{"operator":"gte","value":0.4}} """, "bc"),
            (""" "detection":{"operator":"eq","value":"coin","confidence":{"operator":"lt","value":0.9}} """, "c"),
            (""" "detection":{"operator":"eq","value":"coin","confidence":{"operator":"lte","value":0.90}} """, "bc"),
            (""" "detection":{"operator":"in","value":["scratch","co\"in"],"confidence":{"operator":"gte","value":0.95}} """, "cd"),
            (""" "detection":{"operator":"eq","value":"Coin","confidence":{"operator":"gte","value":0}} """, ""),
            (""" "detection":{"operator":"neq","value":"coin","confidence":{"operator":"gt","value":0.4}} """, "acdefghi"),
            (""" "detection":{"operator":"not_in","value":["coin","scratch"],"confidence":{"operator":"gt","value":0.35}} """, "adefghi"),

            // custom metadata: text
            (Custom("line", "eq", "\"A\""), "ac"),
            (Custom("line", "neq", "\"A\""), "bdefghi"),
            (Custom("line", "in", "[\"A\",\"B\"]"), "abc"),
            (Custom("line", "not_in", "[\"A\",\"B\"]"), "defghi"),
            (Custom("line", "gt", "\"A\""), "be"),
            (Custom("line", "gte", "\"B\""), "be"),
            (Custom("line", "lt", "\"B\""), "ac"),
            (Custom("line", "lte", "\"B\""), "abc"),
            (Custom("line", "gt", "\"a\""), "e"),
            (Custom("line", "contains", "\"t\""), "e"),
            (Custom("line", "contains", "\"\u00e9\""), "e"),
            (Custom("line", "contains", "\".\""), ""),
            (Custom("part no-1", "eq", """ "x\"y\\z" """), "d"),
            (Custom("part no-1", "contains", """ "\"y\\" """), "d"),
            (Custom("line", "eq", """ "A\" || true || \"" """), ""),
            (Custom("line\\\" == 1 || \\\"", "eq", "\"A\""), ""),
            (Custom("line", "exists", "null"), "abce"),
            (Custom("line", "not_exists", "null"), "dfghi"),
            (Custom("line", "exists", "false"), "dfghi"),
            (Custom("line", "eq", "\"A\"", "string"), "ac"),

            // custom metadata: numbers and booleans; another type never matches
            (Custom("temp", "eq", "1"), "ab"),
            (Custom("temp", "eq", "1.000"), "ab"),
            (Custom("temp", "eq", "\"1\""), "c"),
            (Custom("temp", "eq", "\"1\"", "number"), "ab"),
            (Custom("temp", "neq", "1"), "cdefghi"),
            (Custom("temp", "in", "[1,2.5]"), "abd"),
            (Custom("temp", "in", "[1,\"1\"]"), "abc"),
            (Custom("temp", "not_in", "[1,2.5]"), "cefghi"),
            (Custom("temp", "gt", "1"), "d"),
            (Custom("temp", "gte", "1e0"), "abd"),
            (Custom("temp", "lt", "2.5"), "ab"),
            (Custom("temp", "lte", "2.5"), "abd"),
            (Custom("temp", "gt", "-3"), "abd"),
            (Custom("temp", "exists", "null", "number"), "abd"),
            (Custom("temp", "exists", "null", "string"), "c"),
            (Custom("temp", "not_exists", "null", "string"), "abdefghi"),
            (Custom("big", "eq", "9007199254740993"), "f"),
            (Custom("big", "eq", "9007199254740992"), ""),
            (Custom("big", "gt", "9007199254740992"), "f"),
            (Custom("tiny", "gt", "0"), "f"),
            (Custom("ok", "eq", "true"), "a"),
            (Custom("ok", "eq", "\"true\""), "e"),
            (Custom("ok", "eq", "\"true\"", "boolean"), "a"),
            (Custom("ok", "neq", "true"), "bcdefghi"),
            (Custom("ok", "in", "[true,false]"), "ab"),
            (Custom("ok", "exists", "null", "boolean"), "ab"),

            // several add up
            (""" "customMetadataFilters":[{"field":"line","operator":"eq","value":"A"},{"field":"temp","operator":"eq","value":1}] """, "a"),
            (""" "customMetadataFilters":[{"field":"line","operator":"eq","value":"B"},{"field":"temp","operator":"gt","value":1}] """, ""),
            (""" "customMetadataFilters":[{"field":"temp","operator":"gte","value":1},{"field":"temp","operator":"lt","value":2},{"field":"line","operator":"neq","value":"A"}] """, "b"),
            (""" "customMetadataFilters":[],"eventFieldFilters":[],"imageMetadataFilters":[],"feedbackStatus":[] """, "abcdefghi"),
            (""" "customMetadataFilters":null,"detection":null,"hasWarnings":null,"imageCount":null """, "abcdefghi"),

            // image metadata: some image; what is not negated holds of one image
            (Image("camera", "eq", "\"top\""), "bd"),
            (Image("camera", "neq", "\"top\""), "acefghi"),
            (Image("camera", "in", "[\"side\",\"top\"]"), "bd"),
            (Image("camera", "not_in", "[\"side\"]"), "abcefghi"),
            (Image("camera", "contains", "\"id\""), "d"),
            (Image("camera", "gt", "\"side\""), "bd"),
            (Image("camera", "exists", "null"), "bd"),
            (Image("lens", "exists", "null"), ""),
            (Image("lens", "not_exists", "null"), "abcdefghi"),
            (Image("exposure", "gte", "5"), "bd"),
            (Image("exposure", "lt", "5"), "d"),
            (Image("exposure", "lte", "5"), "bd"),
            (Image("exposure", "eq", "5.0"), "b"),
            (Image("exposure", "eq", "\"5\""), ""),
            (""" "imageMetadataFilters":[{"field":"camera","operator":"eq","value":"top"},{"field":"exposure","operator":"gt","value":4}] """, "b"),

            // fields of the event data
            (Field("result", "eq", "\"pass\""), "a"),
            (Field("result", "neq", "\"pass\""), "bcdefghi"),
            (Field("result", "in", "[\"pass\",\"fail\"]"), "ab"),
            (Field("result", "not_in", "[\"pass\"]"), "bcdefghi"),
            (Field("result", "contains", "\"ai\""), "b"),
            (Field("result", "exists", "null"), "ab"),
            (Field("location", "eq", "\"tray-1\""), "c"),
            (Field("location", "gt", "\"Tray-2\""), "c"),
            (Field("location", "lte", "\"Tray-2\""), "d"),
            (Field("location", "not_exists", "null"), "abefghi"),
            (Field("item_type", "eq", "\"coin\""), "c"),
            (Field("item_count", "eq", "10"), "d"),
            (Field("item_count", "eq", "\"3\""), "c"),
            (Field("item_count", "gt", "3"), "d"),
            (Field("item_count", "gte", "3"), "cd"),
            (Field("item_count", "lt", "10"), "c"),
            (Field("item_count", "lte", "2.5"), ""),
            (Field("item_count", "neq", "3"), "abdefghi"),
            (Field("item_count", "in", "[3,10]"), "cd"),
            (Field("item_count", "exists", "null"), "cd"),
            (Field("alert_type", "contains", "\"p\""), "e"),
            (Field("severity", "eq", "\"high\""), "e"),

            // columns of their own
            (Field("event_type", "eq", "\"custom\""), "f"),
            (Field("event_type", "neq", "\"custom\""), "abcdeghi"),
            (Field("event_type", "in", "[\"custom\",\"safety_alert\"]"), "ef"),
            (Field("event_type", "not_in", "[\"operator_feedback\",\"quality_check\"]"), "cdef"),
            (Field("event_type", "contains", "\"_c\""), "abcd"),
            (Field("event_type", "lt", "\"inventory_count\""), "f"),
            (Field("event_type", "gte", "\"quality_check\""), "abe"),
            (Field("event_type", "exists", "null"), "abcdefghi"),
            (Field("feedback", "eq", "\"correct\""), "g"),
            (Field("feedback", "neq", "\"correct\""), "abcdefhi"),
            (Field("feedback", "in", "[\"correct\",\"maybe\"]"), "gi"),
            (Field("feedback", "contains", "\"correct\""), "gh"),
            (Field("feedback", "gt", "\"correct\""), "hi"),
            (Field("feedback", "gte", "\"correct\""), "ghi"),
            (Field("feedback", "lt", "\"incorrect\""), "g"),
            (Field("feedback", "lte", "\"incorrect\""), "gh"),
            (Field("feedback", "not_exists", "null"), "abcdef"),
            (Field("related_event_id", "eq", "\"{0}a\""), "gh"),
            (Field("related_event_id", "not_in", "[\"{0}a\"]"), "abcdefi"),

            // images, warnings, feedback
            (""" "imageCount":{"operator":"eq","value":1} """, "bcf"),
            (""" "imageCount":{"operator":"neq","value":1} """, "adeghi"),
            (""" "imageCount":{"operator":"gt","value":0} """, "bcdf"),
            (""" "imageCount":{"operator":"gte","value":1.5} """, "d"),
            (""" "imageCount":{"operator":"lt","value":1} """, "aeghi"),
            (""" "imageCount":{"operator":"lte","value":1} """, "abcefghi"),
            (""" "imageCount":{"operator":"in","value":[0,2]} """, "adeghi"),
            (""" "imageCount":{"operator":"not_in","value":[0,2]} """, "bcf"),
            (""" "hasWarnings":true """, "dei"),
            (""" "hasWarnings":false """, "abcfgh"),
            (""" "feedbackStatus":["correct"] """, "a"),
            (""" "feedbackStatus":["incorrect","inconclusive"] """, "a"),
            (""" "feedbackStatus":["inconclusive"] """, ""),
            (""" "feedbackStatus":["none"] """, "bcdefghi"),
            (""" "feedbackStatus":["none","correct"] """, "abcdefghi"),

            // of different kinds
            (""" "detection":{"operator":"eq","value":"coin"},"customMetadataFilters":[{"field":"line","operator":"eq","value":"A"}] """, "c"),
            (""" "detection":{"operator":"eq","value":"scratch"},"imageCount":{"operator":"gt","value":1},"eventFieldFilters":[{"column":"item_count","operator":"eq","value":10}] """, "d"),
            (""" "feedbackStatus":["correct"],"eventType":"quality_check","hasWarnings":false """, "a"),
        }
        select (kind, row.Filter, row.Found));

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filter_OnEveryDatabase_FindsAndCounts(DatabaseKind kind, string filter, string found)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await EventsAsync(fleet);
        using var client = await fleet.KeyClientAsync("vision-events:read");
        var body = $$"""{"useCaseId":"{{useCase}}",{{filter.Replace("{0}", useCase, StringComparison.Ordinal)}}}""";

        var page = await client.PostJsonAsync("/vision-events/query", body);
        var count = await client.PostJsonAsync("/vision-events/count", body);

        Assert.True(page.Status == HttpStatusCode.OK, page.Text + string.Join("\n", fleet.Logs.Entries.TakeLast(1)));
        Assert.Equal(found, string.Concat(page.Json["events"]!.AsArray().Select(e => ((string)e!["eventId"]!)[^1]).Order()));
        Assert.True(count.Status == HttpStatusCode.OK, count.Text);
        Assert.Equal($$"""{"count":{{found.Length}},"lookbackDays":400}""", count.Text);
    }

    private static string Custom(string field, string operation, string value, string? type = null) => Metadata("customMetadataFilters", field, operation, value, type);

    private static string Image(string field, string operation, string value, string? type = null) => Metadata("imageMetadataFilters", field, operation, value, type);

    private static string Metadata(string filter, string field, string operation, string value, string? type) =>
        $$""" "{{filter}}":[{"field":"{{field}}","operator":"{{operation}}","value":{{value}}{{(type is null ? "" : $",\"type\":\"{type}\"")}}}] """;

    private static string Field(string column, string operation, string value) =>
        $$""" "eventFieldFilters":[{"column":"{{column}}","operator":"{{operation}}","value":{{value}}}] """;

    private static Task<string> EventsAsync(FleetApplication fleet)
    {
        lock (s_useCases)
        {
            return s_useCases.GetValue(fleet, WriteAsync);
        }
    }

    private static async Task<string> WriteAsync(FleetApplication fleet)
    {
        var useCase = await fleet.AddUseCaseAsync("Filters");
        using var client = await fleet.KeyClientAsync();
        foreach (var (name, members) in s_events)
        {
            var answer = await client.PostJsonAsync(
                "/vision-events", $$"""{"eventId":"{{useCase}}{{name}}","useCaseId":"{{useCase}}",{{members.Replace("{0}", useCase, StringComparison.Ordinal)}}}""");
            Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        }

        return useCase;
    }
}
