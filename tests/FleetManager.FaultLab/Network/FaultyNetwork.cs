using System.IO.Compression;

namespace FleetManager.FaultLab.Network;

/// <summary>
/// The way between a device and its server: requests lie in it until the simulation moves them, in any order. Each may be lost before it
/// arrives, or cut while it does; its answer may be lost after the server has done the work; it may come late, or twice.
/// </summary>
internal sealed class FaultyNetwork(LabClock clock, Random random, ModelServer server)
{
    private const int MostAtOnce = 500;
    private readonly List<Flight> _flights = [];

    /// <summary>Off: every connection is refused.</summary>
    public bool IsUp { get; set; } = true;

    public NetworkFaults Faults { get; set; } = NetworkFaults.None;

    /// <summary>Requests that were begun, ever.</summary>
    public long Begun { get; private set; }

    /// <summary>What the agent broke by beginning a request. It would swallow the exception, so it is kept for the simulation to see.</summary>
    public Violation? Caught { get; private set; }

    public bool IsIdle => _flights.TrueForAll(f => f.IsOrphan);

    public HttpMessageHandler Handler() => new Entrance(this);

    /// <summary>Moves everything that is due, and whatever comes of it.</summary>
    public async Task PumpAsync()
    {
        await Quiet.ComeAsync();
        for (var moved = 0; moved < MostAtOnce && Due() is { Count: > 0 } due; moved++)
        {
            var flight = due[random.Next(due.Count)];
            _flights.Remove(flight);
            Move(flight);
            await Quiet.ComeAsync();
        }
    }

    /// <summary>The sender is gone. What was on its way may still arrive.</summary>
    public void Orphan()
    {
        _flights.ForEach(f => f.Break());
        _flights.RemoveAll(_ => random.Next(2) == 0);
    }

    private List<Flight> Due() => [.. _flights.Where(f => f.Due <= clock.Elapsed)];

    private void Move(Flight flight)
    {
        var drawn = random.NextDouble();
        if (!IsUp || (drawn -= Faults.Drop) < 0)
        {
            flight.Break();
            return;
        }

        if (!flight.IsOrphan && (drawn -= Faults.Delay) < 0)
        {
            flight.Due = clock.Elapsed + TimeSpan.FromSeconds(random.Next(1, 120));
            _flights.Add(flight);
            return;
        }

        if ((drawn -= Faults.Foreign) < 0)
        {
            flight.Answer(new ServerAnswer(200, "<html>Sign in to the guest network</html>"u8.ToArray(), IsHtml: true));
            return;
        }

        // A body that is cut never is a whole request, so the server does nothing with it.
        if ((drawn -= Faults.Cut) < 0)
        {
            flight.Break();
            return;
        }

        if (server.Answer(flight) is not { } answer)
        {
            flight.Break();
            return;
        }

        if (random.NextDouble() < Faults.Duplicate)
        {
            flight.Due = clock.Elapsed + TimeSpan.FromSeconds(random.Next(600));
            _flights.Add(flight);
        }

        if (random.NextDouble() < Faults.LoseAnswer)
        {
            flight.Break();
        }
        else
        {
            if (!flight.IsOrphan)
            {
                server.Told(answer);
            }

            flight.Answer(answer);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Begun++;
        try
        {
            server.Begun(request);
        }
        catch (Violation e)
        {
            Caught ??= e;
        }

        if (!IsUp)
        {
            throw new HttpRequestException("no route to host (fault lab)");
        }

        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        if (request.Content?.Headers.ContentEncoding.SingleOrDefault() is { } encoding)
        {
            body = Expand(body, encoding);
        }

        var flight = new Flight(
            request.Method.Method, request.RequestUri!, request.Headers.Authorization?.Parameter, request.Content?.Headers.ContentType?.ToString(), body)
        {
            Due = clock.Elapsed,
        };
        _flights.Add(flight);
        return await flight.WaitAsync(cancellationToken);
    }

    private static byte[] Expand(byte[] body, string encoding)
    {
        using var packed = new MemoryStream(body);
        using Stream reader = encoding == "br" ? new BrotliStream(packed, CompressionMode.Decompress) : new GZipStream(packed, CompressionMode.Decompress);
        using var expanded = new MemoryStream();
        reader.CopyTo(expanded);
        return expanded.ToArray();
    }

    private sealed class Entrance(FaultyNetwork network) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            network.SendAsync(request, cancellationToken);
    }
}

/// <summary>How often each fault strikes, 0–1.</summary>
/// <param name="Drop">Lost before it arrives.</param>
/// <param name="Cut">Cut in the middle of its body.</param>
/// <param name="LoseAnswer">Done by the server; the answer is lost.</param>
/// <param name="Delay">Comes late, perhaps after its sender gave up.</param>
/// <param name="Duplicate">Comes again later.</param>
/// <param name="Foreign">Answered by something in between that is not the server.</param>
internal sealed record NetworkFaults(double Drop, double Cut, double LoseAnswer, double Delay, double Duplicate, double Foreign)
{
    public static NetworkFaults None { get; } = new(0, 0, 0, 0, 0, 0);

    public static NetworkFaults Draw(Random random) => random.Next(4) == 0
        ? None
        : new(Rate(random), Rate(random), Rate(random), Rate(random), Rate(random), Rate(random) / 4);

    private static double Rate(Random random) => random.Next(2) == 0 ? 0 : random.NextDouble() * 0.3;
}
