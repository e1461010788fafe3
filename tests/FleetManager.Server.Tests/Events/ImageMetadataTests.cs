using System.Net;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Images;

namespace FleetManager.Server.Tests.Events;

/// <summary>What an image was uploaded with, and what the event says of it, are of one image.</summary>
public sealed class ImageMetadataTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    [Theory, DatabaseData]
    public async Task Filters_OnUploadAndEvent_AreOfOneImageAndTheEventsWordCounts(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Joined {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var output = await UploadAsync(client, """ { "camera": "top", "lens": "wide" } """);
        var input = await UploadAsync(client, """{"camera":"side"}""");
        var other = await UploadAsync(client, """{"camera":"far"}""");
        await PostAsync(
            client,
            $$"""
            {"eventType":"custom","useCaseId":"{{useCase}}","images":[
              {"sourceId":"{{output}}","inputSourceId":"{{input}}","metadata":{"exposure":5,"lens":"narrow"} }, {"sourceId":"{{other}}","metadata":{ } }, {"metadata":{"exposure":7} }]}
            """);

        foreach (var (found, filters) in new[]
        {
            (1, """{"field":"camera","operator":"eq","value":"top"},{"field":"exposure","operator":"eq","value":5}"""),
            (1, """{"field":"camera","operator":"eq","value":"side"},{"field":"exposure","operator":"eq","value":5}"""),
            (0, """{"field":"camera","operator":"eq","value":"far"},{"field":"exposure","operator":"exists"}"""),
            (0, """{"field":"camera","operator":"eq","value":"top"},{"field":"exposure","operator":"eq","value":7}"""),
            (1, """{"field":"camera","operator":"eq","value":"far"}"""),
            (1, """{"field":"lens","operator":"eq","value":"narrow"}"""),
            (0, """{"field":"lens","operator":"eq","value":"wide"}"""),
        })
        {
            var count = await client.PostJsonAsync("/vision-events/count", $$"""{"useCaseId":"{{useCase}}","imageMetadataFilters":[{{filters}}]}""");
            Assert.Equal((filters, found), (filters, (int)count.Json["count"]!));
        }
    }

    /// <summary>PostgreSQL gives a number back with all its digits, which are more than a sender may send.</summary>
    [Theory, DatabaseData]
    public async Task Upload_WithALargeNumber_IsNamedByEventsAlsoWhenItIsReadFromTheDatabase(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync($"Large {Guid.NewGuid()}");
        using var client = await fleet.KeyClientAsync();
        var image = await UploadAsync(client, """{"n":1e300,"ok":true,"text":"a"}""");
        fleet.Service<ImageDirectory>().Forget(fleet.Workspace.Id, image);

        await PostAsync(client, $$"""{"eventType":"custom","useCaseId":"{{useCase}}","images":[{"sourceId":"{{image}}"}]}""");

        var schema = await client.GetForAnswerAsync($"/vision-events/image-metadata-schema/{useCase}");
        Assert.Equal("""{"n":{"types":["number"]},"ok":{"types":["boolean"]},"text":{"types":["string"]}}""", schema.Json["fields"]!.ToJsonString());
    }

    private static async Task<string> UploadAsync(HttpClient client, string metadata)
    {
        var answer = await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(Pictures.Jpeg(), metadata: metadata));
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return (string)answer.Json["sourceId"]!;
    }

    private static async Task PostAsync(HttpClient client, string body)
    {
        var answer = await client.PostJsonAsync("/vision-events", body);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
    }
}
