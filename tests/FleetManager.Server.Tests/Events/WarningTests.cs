using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Events;

/// <summary>What is odd but no reason to refuse is stored with the event.</summary>
public sealed class WarningTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    [Theory, DatabaseData]
    public async Task OddEvent_OfEachKind_IsKeptWithItsWarnings(DatabaseKind kind)
    {
        var stored = await StoreAsync(
            kind,
            """
            "eventType":"quality_check","eventData":{"result":"UNKNOWN","own":{"a":1}},"customMetadata":{"a":null,"b":2,"c":null},
            "images":[{"sourceId":"abc","own":1}],"displayImagePosition":3
            """);

        Assert.Equal(
            ["image_unknown images[0].sourceId", "metadata_dropped customMetadata.a", "metadata_dropped customMetadata.c", "no_such_image displayImagePosition",
             "unknown_field eventData.own", "unknown_field images[0].own", "unknown_value eventData.result"],
            EventWarning.ReadAll(stored.Warnings).Select(w => $"{w.Code} {w.Path}").Order(StringComparer.Ordinal));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"result":"UNKNOWN","own":{"a":1}}"""), JsonNode.Parse(stored.EventData!)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"b":2}"""), JsonNode.Parse(stored.CustomMetadata!)));
        Assert.Equal(3, stored.DisplayImagePosition);
    }

    [Theory, DatabaseData]
    public async Task AlertType_OfOtherCharacters_IsKeptWithAWarning(DatabaseKind kind)
    {
        var stored = await StoreAsync(kind, """ "eventType":"safety_alert","eventData":{"alertType":"no helmet!","severity":"high"} """);
        var normal = await StoreAsync(kind, """ "eventType":"safety_alert","eventData":{"alertType":"no-helmet_2","severity":"high"} """);

        Assert.Equal(["unknown_value eventData.alertType"], EventWarning.ReadAll(stored.Warnings).Select(w => $"{w.Code} {w.Path}"));
        Assert.Equal("no helmet!", (string)JsonNode.Parse(stored.EventData!)!["alertType"]!);
        Assert.Null(normal.Warnings);
    }

    [Theory, DatabaseData]
    public async Task Metadata_Nested_IsKeptAsTheTextOfItsJson(DatabaseKind kind)
    {
        var stored = await StoreAsync(
            kind,
            """
            "eventType":"custom","customMetadata":{"before":1,"box":{"x": [1, "é\""]},"gone":null,"list":[],"after":"z"},
            "images":[{"metadata":{"tags":["a"],"lens":null,"ok":true}}]
            """);

        Assert.Equal(
            ["metadata_coerced customMetadata.box", "metadata_coerced customMetadata.list", "metadata_coerced images[0].metadata.tags", "metadata_dropped customMetadata.gone",
             "metadata_dropped images[0].metadata.lens"],
            EventWarning.ReadAll(stored.Warnings).Select(w => $"{w.Code} {w.Path}").Order(StringComparer.Ordinal));
        var metadata = JsonNode.Parse(stored.CustomMetadata!)!.AsObject();
        Assert.Equal(["after", "before", "box", "list"], metadata.Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.Equal("""{"x": [1, "é\""]}""", (string)metadata["box"]!);
        Assert.Equal("[]", (string)metadata["list"]!);
    }

    [Theory, DatabaseData]
    public async Task Answer_OfASenderThatTakesOurNames_HasEachNameOnce(DatabaseKind kind)
    {
        var stored = await StoreAsync(
            kind, """ "eventType":"custom","warnings":["mine"],"own":1,"images":[{"url":"http://elsewhere","sourceId":"abc"}],"eventData":{"eventId":"x"} """);

        Assert.Contains("reserved_field warnings", EventWarning.ReadAll(stored.Warnings).Select(w => $"{w.Code} {w.Path}"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"own":1,"warnings":["mine"]}"""), JsonNode.Parse(stored.Extra!)));
        var fleet = await fixture.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        var answer = await client.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{stored.UseCaseId}}"}""");
        // A name that is there twice can not be read as an object.
        var found = answer.Json["events"]![0]!.AsObject();
        Assert.Equal(1, (int)found["own"]!);
        Assert.Equal("reserved_field", (string)found["warnings"]![0]!["code"]!);
        Assert.Equal(["sourceId", "url"], found["images"]![0]!.AsObject().Select(m => m.Key).Order(StringComparer.Ordinal));
    }

    [Theory, DatabaseData]
    public async Task AnnotationLists_TooLong_AreCutAndTheImageStays(DatabaseKind kind)
    {
        var box = """{"class":"a","x":1,"y":2,"width":3,"height":4,"confidence":0.5}""";
        var many = string.Join(", ", Enumerable.Repeat(box, 1005));

        var stored = await StoreAsync(
            kind,
            $$""" "eventType":"custom","images":[{"objectDetections":[{{many}}],"keypoints":[{{box}}],"classifications":[{{many}} ] },{"objectDetections":[{{many}}]}] """);

        var images = JsonNode.Parse(stored.Images!)!.AsArray();
        Assert.Equal([1000, 1000], images.Select(i => i!["objectDetections"]!.AsArray().Count));
        Assert.Equal((1, 1000), (images[0]!["keypoints"]!.AsArray().Count, images[0]!["classifications"]!.AsArray().Count));
        Assert.Equal(
            ["images[0].objectDetections", "images[0].classifications", "images[1].objectDetections"],
            EventWarning.ReadAll(stored.Warnings).Select(w => w.Code == "annotations_cut" ? w.Path : w.Code));
    }

    [Theory, DatabaseData]
    public async Task Warnings_OfAVeryOddEvent_AreBounded(DatabaseKind kind)
    {
        var data = string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"own{i}\":1"));

        var stored = await StoreAsync(kind, $$""" "eventType":"custom","eventData":{{{data}}} """);

        Assert.Equal(21, EventWarning.ReadAll(stored.Warnings).Count);
        Assert.Equal(500, JsonDocument.Parse(stored.EventData!).RootElement.EnumerateObject().Count());
    }

    [Theory, DatabaseData]
    public async Task NormalEvent_HasNoWarnings(DatabaseKind kind)
    {
        var stored = await StoreAsync(kind, """ "eventType":"inventory_count","eventData":{"location":"a","itemCount":3.0,"itemType":"b","externalId":null} """);

        Assert.Null(stored.Warnings);
    }

    private async Task<EventDto> StoreAsync(DatabaseKind kind, string members)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Odd {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var answer = await client.PostJsonAsync("/vision-events", $$"""{"useCaseId":"{{useCase}}",{{members}}}""");
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        var page = await fleet.Service<EventQueryService>().QueryAsync(fleet.Workspace.Id, new() { UseCaseId = useCase }, TestContext.Current.CancellationToken);
        return Assert.Single(page.Events);
    }
}
