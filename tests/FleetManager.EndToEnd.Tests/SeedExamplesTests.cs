using System.Globalization;
using System.Text.Json.Nodes;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>The examples of the reference's "Send Events" page, run by curl as they stand, with the host and the key replaced.</summary>
public sealed class SeedExamplesTests : IAsyncLifetime
{
    private const string Upload = """
        curl -X POST "https://api.roboflow.com/vision-events/upload" \
          -H "Authorization: Bearer YOUR_API_KEY" \
          -F "file=@inspection_photo.jpg"
        """;

    private const string Create = """
        curl -X POST "https://api.roboflow.com/vision-events" \
          -H "Content-Type: application/json" \
          -H "Authorization: Bearer YOUR_API_KEY" \
          -d '{
            "eventType": "quality_check",
            "useCaseId": "assembly-line-qa",
            "timestamp": "2026-03-30T14:30:00.000Z",
            "deviceId": "factory-cam-01",
            "streamId": "line-3",
            "images": [
              {
                "sourceId": "abc123def456",
                "objectDetections": [
                  {
                    "class": "defect",
                    "x": 320,
                    "y": 240,
                    "width": 50,
                    "height": 40,
                    "confidence": 0.95
                  }
                ]
              }
            ],
            "eventData": {
              "result": "fail"
            },
            "customMetadata": {
              "line_id": "line-3",
              "shift": "morning",
              "part_number": "PN-4421"
            }
          }'
        """;

    private const string Batch = """
        curl -X POST "https://api.roboflow.com/vision-events/batch" \
          -H "Content-Type: application/json" \
          -H "Authorization: Bearer YOUR_API_KEY" \
          -d '{
            "events": [
              {
                "eventType": "quality_check",
                "useCaseId": "alksjdflaalsf32",
                "eventData": { "result": "pass" },
                "customMetadata": { "line_id": "line-1" }
              },
              {
                "eventType": "quality_check",
                "useCaseId": "alksjdflaalsf32",
                "eventData": { "result": "fail" },
                "customMetadata": { "line_id": "line-2" }
              }
            ]
          }'
        """;

    private readonly TempDirectory _directory = new();
    private readonly ServerProcess _server;
    private FleetApi _api = null!;

    public SeedExamplesTests() => _server = new ServerProcess(_directory);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        File.Copy(Path.Combine(Repository.Samples, "coffee.jpg"), _directory.At("inspection_photo.jpg"));
        await _server.StartAsync(Cancellation);
        _api = await _server.NewApiAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task CreateWithImage_CurlOfTheGuide_AnswersAsTheGuideSays()
    {
        var useCase = await _api.CreateUseCaseAsync("assembly-line-qa", Cancellation);

        var upload = await CurlAsync(Upload);
        Assert.True((bool)upload["success"]!);
        var sourceId = (string)upload["sourceId"]!;
        Assert.NotEmpty(sourceId);

        var created = await CurlAsync(InTime(Create).Replace("abc123def456", sourceId, StringComparison.Ordinal));
        Assert.True((bool)created["created"]!);
        Assert.NotEmpty((string)created["eventId"]!);
        Assert.Equal(1, await EventCountAsync(useCase));
    }

    [Fact]
    public async Task Batch_CurlOfTheGuideWithoutIdsAndTimes_CreatesBothEvents()
    {
        var useCase = await _api.CreateUseCaseAsync("alksjdflaalsf32", Cancellation);

        var answer = await CurlAsync(Batch);

        Assert.Equal(2, (int)answer["created"]!);
        var held = await _api.QueryAllAsync(useCase, Cancellation);
        Assert.Equal(answer["eventIds"]!.AsArray().Select(i => (string)i!).Order(), held.Select(e => (string)e["eventId"]!).Order());
        Assert.Equal(["line-1", "line-2"], held.Select(e => (string)e["customMetadata"]!["line_id"]!).Order());
        Assert.Equal(["fail", "pass"], held.Select(e => (string)e["eventData"]!["result"]!).Order());
    }

    [Fact]
    public async Task Create_UseCaseThatDoesNotExist_IsRefusedByName()
    {
        var answer = await CurlAsync(InTime(Create));

        Assert.Contains("assembly-line-qa", (string)answer["error"]!, StringComparison.Ordinal);
    }

    /// <summary>An event may be at most a year old, and the guide's will be.</summary>
    private static string InTime(string curl)
    {
        const string Written = "2026-03-30T14:30:00.000Z";
        var now = TimeProvider.System.GetUtcNow();
        return now - DateTimeOffset.Parse(Written, CultureInfo.InvariantCulture) < TimeSpan.FromDays(360)
            ? curl
            : curl.Replace(Written, now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private async Task<JsonNode> CurlAsync(string example)
    {
        var command = example
            .Replace("https://api.roboflow.com", _server.Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("YOUR_API_KEY", _api.Key, StringComparison.Ordinal);
        var result = await CommandResult.RunAsync("bash", ["-c", command], _directory.Path, Cancellation);
        return JsonNode.Parse(result.Succeeded())!;
    }

    private async Task<int> EventCountAsync(string useCase) =>
        (int)(await _api.UseCasesAsync(Cancellation)).Single(u => (string)u["id"]! == useCase)["eventCount"]!;
}
