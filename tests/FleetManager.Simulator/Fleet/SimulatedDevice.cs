using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FleetManager.Agent;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Simulator.Fleet;

/// <summary>One agent of the fleet, the agent's own code in this process, with a producer that posts to it as a camera would.</summary>
internal sealed class SimulatedDevice(string folder, FleetOptions options) : IAsyncDisposable
{
    private readonly AgentLogging _logging = new();
    private readonly List<long> _acceptedAt = [];
    private DataDirectory? _directory;
    private DeviceAgent? _agent;
    private int _measured;

    public string DeviceId { get; private set; } = "";

    /// <summary>Events that got a 201.</summary>
    public long Sent { get; private set; }

    /// <summary>Events that got another answer, or none.</summary>
    public long Refused { get; private set; }

    /// <summary>Why the last of them was refused.</summary>
    public string? Refusal { get; private set; }

    /// <summary>What the agent last said.</summary>
    public SyncReport? Report { get; private set; }

    /// <summary>State of its connection to the broker, in words.</summary>
    public string? Mqtt { get; private set; }

    public async Task EnrollAsync(string name, CancellationToken cancellation)
    {
        using var directory = DataDirectory.Take(folder);
        DeviceId = (await new Enrollment(directory, TimeProvider.System).RunAsync(options.Server, options.Token, name, cancellation)).DeviceId!;
    }

    /// <summary>Where its broker is.</summary>
    public (string Host, int Port) Broker() => Identity.Load(Path.Combine(folder, Identity.FileName))!.Mqtt is { } mqtt ? (mqtt.Host, mqtt.Port) : throw new SimulatorException("the device is not enrolled");

    /// <summary>Has the agent reach its server over other ports of this machine.</summary>
    public void Reroute(int server, int broker)
    {
        var path = Path.Combine(folder, Identity.FileName);
        var identity = Identity.Load(path)!;
        var address = new UriBuilder(identity.Server) { Host = "127.0.0.1", Port = server }.Uri;
        (identity with { Server = address.AbsoluteUri, Mqtt = identity.Mqtt! with { Host = "127.0.0.1", Port = broker } }).Save(path);
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        _logging.SetLevel(AgentLogLevel.Error);
        _directory = DataDirectory.Take(folder);
        _agent = await DeviceAgent.StartAsync(_directory, FreePort(), _logging, TimeProvider.System, cancellation);
    }

    /// <summary>Makes events until cancelled.</summary>
    public async Task ProduceAsync(HttpClient http, CancellationToken cancellation)
    {
        var pause = TimeSpan.FromSeconds(options.Profile.Burst / options.Rate);
#pragma warning disable CA5394 // Spreads the devices over the first pause.
        await Task.Delay(pause * Random.Shared.NextDouble(), TimeProvider.System, cancellation);
#pragma warning restore CA5394
        using var timer = new PeriodicTimer(pause, TimeProvider.System);
        do
        {
            for (var i = 0; i < options.Profile.Burst; i++)
            {
                await PostAsync(http, cancellation);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    /// <summary>Asks the agent how far it is; what is newly acknowledged adds to the latencies.</summary>
    public async Task AskAsync(List<TimeSpan> latencies, CancellationToken cancellation)
    {
        if (await StatusSocket.AskAsync(folder, cancellation) is not { } status)
        {
            return;
        }

        (Report, Mqtt) = (status.Sync, status.Mqtt);
        lock (_acceptedAt)
        {
            for (; _measured < Math.Min(status.Sync.AckedThrough, _acceptedAt.Count); _measured++)
            {
                latencies.Add(TimeProvider.System.GetElapsedTime(_acceptedAt[_measured]));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
        {
            await _agent.DisposeAsync();
        }

        _directory?.Dispose();
        _logging.Dispose();
    }

    private async Task PostAsync(HttpClient http, CancellationToken cancellation)
    {
        var number = (Sent + Refused).ToString(CultureInfo.InvariantCulture);
        var now = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        using var body = new StringContent(
            $$"""{"event_schema":"custom","solution":"{{options.UseCase}}","event_data":{"value":"{{number}}"},"custom_metadata":{"line":"line-{{Sent % 10}}"},"inference_timestamp":"{{now}}"}""");
        try
        {
            // Not cancelled half way: an event whose answer is not awaited could not be counted.
            using var answer = await http.PostAsync(new Uri($"http://{_agent!.Listening}/v2/events"), body, CancellationToken.None);
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                Sent++;
                lock (_acceptedAt)
                {
                    _acceptedAt.Add(TimeProvider.System.GetTimestamp());
                }

                return;
            }

            Refusal = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(CancellationToken.None)}";
        }
        catch (HttpRequestException e)
        {
            Refusal = e.Message;
        }

        Refused++;
        cancellation.ThrowIfCancellationRequested();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
