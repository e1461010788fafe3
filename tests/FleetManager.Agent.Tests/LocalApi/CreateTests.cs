using System.Text.Json;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.LocalApi;

public sealed class CreateTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Create_AsTheVisionEventsBlockSendsIt_IsStored()
    {
        var (status, body) = await _fixture.PostAsync($$"""
            {"inference_timestamp":"2026-03-30T14:30:00.123456+00:00","event_schema":"quality_check","event_data":{"result":"fail","externalId":"x"},
             "solution":"assembly-line-qa","displayImagePosition":0,"custom_metadata":{"shift":"morning","n":3,"ok":true},
             "images":[{"base64Image":"{{Pictures.Base64("out")}}","inputBase64Image":"{{Pictures.Base64("in")}}","label":"workflow",
               "objectDetections":[{"class":"defect","x":320,"y":240.5,"width":50,"height":40,"confidence":0.95}]}]}
            """);

        Assert.Equal(201, status);
        var (_, latest) = await _fixture.GetAsync("/v2/events/latest/query?limit=5");
        var stored = Assert.Single(latest.GetProperty("events").EnumerateArray());
        Assert.Equal(body.GetProperty("id").GetString(), stored.GetProperty("id").GetString());
        Assert.Equal("quality_check", stored.GetProperty("event_schema").GetString());
        Assert.Equal("2026-03-30T14:30:00.123456Z", stored.GetProperty("inference_timestamp").GetString());
        Assert.Equal("fail", stored.GetProperty("event_data").GetProperty("result").GetString());
        Assert.Equal("assembly-line-qa", stored.GetProperty("solution").GetString());
        Assert.Equal("morning", stored.GetProperty("custom_metadata").GetProperty("shift").GetString());
        Assert.Equal(0, stored.GetProperty("display_image_position").GetInt32());
        Assert.Equal("defect", stored.GetProperty("images")[0].GetProperty("object_detections")[0].GetProperty("class").GetString());
        Assert.Equal(2, _fixture.Stored.Store.Stats().Totals.Images);
    }

    [Fact]
    public async Task Create_AsTheEventWriterSendsIt_IsStored()
    {
        var (status, _) = await _fixture.PostAsync($$"""
            {"inferenceTimestamp":"2026-03-30T14:30:00","eventSchema":"inventory_count","eventData":{"itemCount":4,"itemType":null},"solution":null,
             "customMetadata":{},"displayImagePosition":0,"images":[{"base64Image":"{{Pictures.Base64("a")}}","keypoints":[{"class":"p","x":1,"y":1,"width":1,"height":1,"confidence":1,"keypoints":[{"id":0,"x":1,"y":2}]}]}]}
            """);

        Assert.Equal(201, status);
    }

    [Fact]
    public async Task Create_WithUnknownFieldsAndNoImages_IsStored() =>
        Assert.Equal(201, (await _fixture.PostAsync("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","displayImagePosition":0,"from_the_future":[1]}""")).Status);

    [Fact]
    public async Task Create_Draft_IsFinalizedLater()
    {
        var (status, body) = await _fixture.PostAsync("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","draft":true}""");
        Assert.Equal((201, 0L), (status, _fixture.Stored.Store.Stats().Pending));

        var id = body.GetProperty("id").GetString();
        Assert.Equal(200, (await _fixture.PostAsync("", $"/v2/events/{id}/finalize")).Status);
        Assert.Equal(404, (await _fixture.PostAsync("", "/v2/events/none/finalize")).Status);
        Assert.Equal(1, _fixture.Stored.Store.Stats().Pending);
    }

    [Theory]
    [InlineData("""{""", 400, "not valid JSON")]
    [InlineData("""{"event_schema":"custom","event_schema":"custom"}""", 400, "not valid JSON")]
    [InlineData("""[]""", 422, "the body must be a JSON object")]
    [InlineData("""{"event_schema":"other","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_schema is required and must be one of")]
    [InlineData("""{"event_schema":"custom","inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data is required")]
    [InlineData("""{"event_schema":"custom","event_data":[],"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data must be an object")]
    [InlineData("""{"event_schema":"custom","event_data":{"result":"pass"},"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data.result is not known for custom")]
    [InlineData("""{"event_schema":"quality_check","event_data":{"result":"maybe"},"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data.result must be one of pass, fail")]
    [InlineData("""{"event_schema":"inventory_count","event_data":{"itemCount":1.5},"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data.itemCount must be a whole number")]
    [InlineData("""{"event_schema":"safety_alert","event_data":{"alertType":"a b"},"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data.alertType must be letters")]
    [InlineData("""{"event_schema":"custom","event_data":{"value":"\ud800"},"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data.value holds a character")]
    [InlineData("""{"event_schema":"custom","event_data":{"value":"a\u0000"},"inference_timestamp":"2026-03-30T14:30:00Z"}""", 422, "event_data.value holds a character")]
    [InlineData("""{"event_schema":"custom","event_data":{}}""", 422, "inference_timestamp is required")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"yesterday"}""", 422, "inference_timestamp is required and must be an ISO 8601 time")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","custom_metadata":{"a":{}}}""", 422, "custom_metadata.a must be a string")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","custom_metadata":{"a.b":1}}""", 422, "custom_metadata has a key")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":{}}""", 422, "images must be an array")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{},{"base64Image":"%%"}]}""", 422, "images[1].base64Image must be base64")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{"inputBase64Image":"aGVsbG8="}]}""", 422, "images[0].inputBase64Image is not an image")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{"objectDetections":[{"class":"a"},{"x":1}]}]}""", 422, "images[0].objectDetections[1].class must be a string")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{"classifications":[{"class":"a","confidence":2}]}]}""", 422, "images[0].classifications[0].confidence must be")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{"instanceSegmentations":[{"class":"a","points":[[1,2]]}]}]}""", 422, "images[0].instanceSegmentations[0].points must be")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{}],"displayImagePosition":1}""", 422, "displayImagePosition must be")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","draft":"yes"}""", 422, "draft must be true or false")]
    [InlineData("""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","solution":7}""", 422, "solution must be a string")]
    public async Task Create_BadInput_NamesTheFault(string json, int expected, string fault)
    {
        var (status, body) = await _fixture.PostAsync(json);

        Assert.Equal(expected, status);
        Assert.Contains(fault, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, _fixture.Stored.Store.Stats().Totals.LastSeq);
    }

    [Fact]
    public async Task Create_TextOverItsLimit_NamesTheLimit()
    {
        var (status, body) = await _fixture.PostAsync(JsonSerializer.Serialize(new
        {
            event_schema = "custom", event_data = new { }, inference_timestamp = "2026-03-30T14:30:00Z", workflow_version = new string('v', 65),
        }));

        Assert.Equal((422, "workflowVersion must be at most 64 characters"), (status, body.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Create_BodyTooLarge_Is413()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _fixture.Url("/v2/events")) { Content = new StreamContent(new MemoryStream(new byte[73 * 1024 * 1024])) };
        request.Headers.ExpectContinue = true;
        using var answer = await _fixture.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(413, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Create_StoreFull_Is529WithTheReferencesBody()
    {
        _fixture.Stored.Limits = _fixture.Stored.Limits with { MaxRecords = 1 };
        const string json = """{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z"}""";
        Assert.Equal(201, (await _fixture.PostAsync(json)).Status);

        var (status, body) = await _fixture.PostAsync(json);

        Assert.Equal(529, status);
        Assert.Equal("""{"detail":"Device storage full. Waiting for cloud uploads to complete.","error":"capacity_blocked"}""", body.GetRawText());
    }

    [Fact]
    public async Task Latest_LimitOutOfRange_SaysTheRange() =>
        Assert.Equal(422, (await _fixture.GetAsync("/v2/events/latest/query?limit=0")).Status);

    [Fact]
    public async Task UnknownRoute_Is404WithADetail() => Assert.Equal(404, (await _fixture.GetAsync("/v1/nothing")).Status);
}
