using FleetManager.Contracts.Events;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests.Simulator;

public sealed class CameraTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Camera_OnceThroughTheSamples_PostsEachWithBothImagesAndItsDetections()
    {
        using var store = new FakeEventStore();
        var names = Directory.GetFiles(Repository.Samples, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToList();

        var result = await RunAsync(store.Address, $"--count={names.Count}", "--use-case=line", "--stream=cam-1", "--ids", _directory.At("ids"));

        Assert.EndsWith($"posted {names.Count}, refused 0, unanswered 0", result.Succeeded(), StringComparison.Ordinal);
        Assert.Equal(names.Select((_, i) => $"event-{i + 1}"), await File.ReadAllLinesAsync(_directory.At("ids"), Cancellation));
        Assert.Equal(names.Count, store.Accepted.Count);
        foreach (var (body, name) in store.Accepted.Zip(names))
        {
            Assert.True(EventTypes.IsKnown((string?)body["event_schema"]), name);
            Assert.Equal("line", (string?)body["solution"]);
            Assert.Equal("cam-1", (string?)body["stream_id"]);
            Assert.True(DateTimeOffset.TryParse((string?)body["inference_timestamp"], out _), name);
            var image = Assert.Single(body["images"]!.AsArray())!;
            Assert.Equal(await File.ReadAllBytesAsync(Sample($"{name}.output.jpg"), Cancellation), Convert.FromBase64String((string)image["base64Image"]!));
            Assert.Equal(await File.ReadAllBytesAsync(Sample($"{name}.jpg"), Cancellation), Convert.FromBase64String((string)image["inputBase64Image"]!));
        }

        Assert.Equal(24, store.Accepted.ElementAt(names.IndexOf("coins"))["images"]![0]!["objectDetections"]!.AsArray().Count);
    }

    [Fact]
    public async Task Camera_StoreFullThenBroken_TriesUntilAcceptedAndSaysSo()
    {
        using var store = new FakeEventStore(
            new FakeAnswer(529, """{"error":"capacity_blocked"}""", RetryAfter: 0),
            new FakeAnswer(0),
            new FakeAnswer(503));

        var result = await RunAsync(store.Address);

        Assert.Contains("posted 1, refused 0, unanswered 1", result.Succeeded(), StringComparison.Ordinal);
        Assert.Contains("529", result.Error, StringComparison.Ordinal);
        Assert.Single(store.Accepted);
    }

    [Fact]
    public async Task Camera_EventRefusedForGood_CountsItAndGoesOn()
    {
        using var store = new FakeEventStore(new FakeAnswer(400, """{"detail":"images[0] is not an image"}"""));

        var result = await RunAsync(store.Address, "--count=2");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("posted 1, refused 1, unanswered 0", result.Output, StringComparison.Ordinal);
        Assert.Contains("images[0] is not an image", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Camera_Distinct_NeverSendsTheSameFileTwice()
    {
        using var store = new FakeEventStore();

        (await RunAsync(store.Address, "--count=10", "--distinct")).Succeeded();

        var images = store.Accepted.SelectMany(b => new[] { (string)b["images"]![0]!["base64Image"]!, (string)b["images"]![0]!["inputBase64Image"]! }).ToList();
        Assert.Equal(20, images.Distinct().Count());
        Assert.All(images, i => Assert.Equal([0xFF, 0xD8, 0xFF, 0xFE], Convert.FromBase64String(i)[..4]));
    }

    [Theory]
    [InlineData("--rate=0", "--rate must be above 0")]
    [InlineData("--count=0", "--count must be 1 or more")]
    [InlineData("--to=ftp://x", "--to must be an address such as http://127.0.0.1:8001")]
    [InlineData("--samples=/nowhere", "The samples directory /nowhere does not exist")]
    [InlineData("--api-key=wrong", "refuses the key")]
    public async Task Camera_BadOption_SaysWhichAndWhatToDo(string option, string message)
    {
        using var store = new FakeEventStore(new FakeAnswer(401));

        var result = await RunAsync(store.Address, option);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Camera_NobodyListens_GivesUpAfterItsPatienceAndNamesTheAddress()
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}/");

        var result = await RunAsync(address, "--patience=0");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(address.ToString(), result.Error, StringComparison.Ordinal);
        Assert.Contains("posted 0, refused 0, unanswered 0", result.Output, StringComparison.Ordinal);
    }

    private static string Sample(string file) => Path.Combine(Repository.Samples, file);

    /// <summary>Options given later win over the defaults of these tests.</summary>
    private static Task<CommandResult> RunAsync(Uri store, params string[] options)
    {
        var defaults = new Dictionary<string, string> { ["--samples"] = Repository.Samples, ["--rate"] = "1000", ["--count"] = "1", ["--to"] = store.ToString() };
        foreach (var name in options.Select(o => o.Split('=')[0]))
        {
            defaults.Remove(name);
        }

        return CommandResult.RunDotnetAsync(Repository.SimulatorDll, ["camera", .. defaults.Select(d => $"{d.Key}={d.Value}"), .. options], Cancellation);
    }
}
