using System.Globalization;
using System.Text;
using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;

namespace FleetManager.Benchmarks.Load;

/// <summary>Producers that hand events to an agent, one a request, with or without two images that are never the same.</summary>
internal sealed class AcceptLoad
{
    private const int Different = 256;
    private const int Seed = 42;
    private const int ImagesEach = 2;

    // The bytes of an image that may be changed begin at a multiple of three, so that they have base64 digits of their own.
    private const int UniqueDigits = 20;
    private static readonly int s_uniqueAt = SampleImages.UniqueAt / 3 * 4;

    private readonly FleetAgent _agent;
    private readonly byte[][] _requests;
    private readonly int[] _unique;

    public AcceptLoad(FleetAgent agent, int imageBytes = 0)
    {
        _agent = agent;
        var random = new Random(Seed);
        var image = imageBytes > 0 ? Convert.ToBase64String(SampleImages.Create(imageBytes)) : null;
        _requests = [.. Enumerable.Range(0, image is null ? Different : 1).Select(_ => Request(agent.Port, LocalEvents.Create(random, image)))];
        _unique = image is null ? [] : [.. Positions(_requests[0], image)];
    }

    /// <summary>Each producer sends its next event when the last was answered.</summary>
    public Task<Sample> RunAsync(int producers, TimeSpan window, CancellationToken cancellationToken) => RunAsync(producers, window, pace: null, cancellationToken);

    /// <summary>Each producer sends so many events a second, as cameras do, unless an answer takes longer.</summary>
    public Task<Sample> RunPacedAsync(int producers, int perSecond, TimeSpan window, CancellationToken cancellationToken) =>
        RunAsync(producers, window, TimeSpan.FromSeconds(1.0 / perSecond), cancellationToken);

    private async Task<Sample> RunAsync(int producers, TimeSpan window, TimeSpan? pace, CancellationToken cancellationToken)
    {
        var meter = Meter.Start(window, _agent);
        await Task.WhenAll(Enumerable.Range(0, producers).Select(producer => Task.Run(() => ProduceAsync(producer, producers, meter, pace, cancellationToken), cancellationToken)));
        return meter.Stop();
    }

    private async Task ProduceAsync(int producer, int producers, Meter meter, TimeSpan? pace, CancellationToken cancellationToken)
    {
        using var caller = await HttpCaller.ConnectAsync(_agent.Port, cancellationToken);
        var request = _unique.Length > 0 ? [.. _requests[0]] : _requests[producer % _requests.Length];
        using var timer = pace is { } interval ? new PeriodicTimer(interval, TimeProvider.System) : null;
        if (pace is { } all)
        {
            // Not all at the same instant.
            await Task.Delay(all * producer / producers, TimeProvider.System, cancellationToken);
        }

        var sent = 0;
        do
        {
            if (_unique.Length == 0)
            {
                request = _requests[(producer + (sent++ * producers)) % _requests.Length];
            }

            foreach (var at in _unique)
            {
                Random.Shared.GetItems("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"u8, request.AsSpan(at, UniqueDigits));
            }

            await meter.TimeAsync(1, () => caller.SendAsync(request, 201, cancellationToken));
            if (timer is not null)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        while (!meter.IsOver);
    }

    private static byte[] Request(int port, string body) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"POST /v2/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

    private static IEnumerable<int> Positions(byte[] request, string image)
    {
        var start = Encoding.ASCII.GetBytes(image[..64]);
        for (var (at, found) = (0, 0); found < ImagesEach; found++)
        {
            at += request.AsSpan(at).IndexOf(start);
            yield return at + s_uniqueAt;
            at += image.Length;
        }
    }
}
