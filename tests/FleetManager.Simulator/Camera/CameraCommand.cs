using System.CommandLine;

namespace FleetManager.Simulator.Camera;

/// <summary>The command line <c>fleet-sim camera</c>.</summary>
internal static class CameraCommand
{
    private const double MaxRate = 1000;

    public static Command Create()
    {
        var samples = new Option<string>("--samples") { Description = "Directory of NAME.jpg, NAME.output.jpg and NAME.json.", Required = true };
        var rate = new Option<double>("--rate") { Description = "Events a second, above 0 and up to 1000.", Required = true };
        var to = new Option<string>("--to") { Description = "The event store.", DefaultValueFactory = _ => "http://127.0.0.1:8001" };
        var count = new Option<int?>("--count") { Description = "Stop after this many events; without it, run until stopped." };
        var apiKey = new Option<string?>("--api-key") { Description = "The event store's key, sent as X-API-Key." };
        var useCase = new Option<string?>("--use-case") { Description = "Use case of the events; without it, the store's default." };
        var stream = new Option<string?>("--stream") { Description = "Stream id of the events." };
        var ids = new Option<string?>("--ids") { Description = "File to which the id of each accepted event is appended." };
        var distinct = new Option<bool>("--distinct") { Description = "Make each picture a file of its own, as a real camera does; else the same few repeat." };
        var patience = new Option<int>("--patience") { Description = "Seconds to keep trying an event store that does not answer.", DefaultValueFactory = _ => 60 };

        rate.Validators.Add(r => Require(r, r.GetValueOrDefault<double>() is > 0 and <= MaxRate, "--rate must be above 0 and at most 1000 events a second"));
        count.Validators.Add(r => Require(r, r.GetValueOrDefault<int?>() is null or > 0, "--count must be 1 or more"));
        patience.Validators.Add(r => Require(r, r.GetValueOrDefault<int>() >= 0, "--patience must be 0 or more seconds"));
        to.Validators.Add(r => Require(r, IsHttp(r.GetValueOrDefault<string>()), "--to must be an address such as http://127.0.0.1:8001"));

        var command = new Command("camera", "Posts real photographs with detections to an event store.")
        {
            samples, rate, to, count, apiKey, useCase, stream, ids, distinct, patience,
        };
        command.SetAction((result, cancellation) => RunAsync(
            new CameraOptions(
                result.GetRequiredValue(samples),
                result.GetRequiredValue(rate),
                new Uri(result.GetRequiredValue(to).TrimEnd('/') + '/'),
                result.GetValue(count),
                result.GetValue(apiKey),
                result.GetValue(useCase),
                result.GetValue(stream),
                result.GetValue(ids),
                result.GetValue(distinct),
                TimeSpan.FromSeconds(result.GetRequiredValue(patience))),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CameraOptions options, CancellationToken cancellation)
    {
        try
        {
            var samples = Sample.LoadAll(options.Samples);
            await using var ids = options.Ids is null ? null : File.AppendText(options.Ids);
            using var store = new EventStoreClient(options, TimeProvider.System);
            return await new CameraLoop(options, samples, store, ids, TimeProvider.System).RunAsync(cancellation);
        }
        catch (Exception e) when (e is SimulatorException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static bool IsHttp(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    private static void Require(System.CommandLine.Parsing.OptionResult result, bool holds, string message)
    {
        if (!holds)
        {
            result.AddError(message);
        }
    }
}
