using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Agent.Platform;
using FleetManager.Contracts;
using FleetManager.Contracts.Devices;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;

namespace FleetManager.Agent.Control;

/// <summary>
/// What the device has to say over MQTT. Of each kind only the newest waits, for each is cumulative; so a long time offline costs nothing.
/// </summary>
internal sealed class Uplinks(DeviceId device, long boot, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Uplink, Func<byte[]>> _newest = [];
    private readonly HashSet<Uplink> _waiting = [];
    private long _seq;

    /// <summary>Given when something waits.</summary>
    public Signal Waiting { get; } = new();

    public void Say(ReportedSettings report) => Say(Uplink.Settings, report, ContractsJson.Default.EnvelopeReportedSettings);

    public void Say(SyncReport report) => Say(Uplink.Sync, report, ContractsJson.Default.EnvelopeSyncReport);

    public void Say(TelemetrySample sample) => Say(Uplink.Telemetry, sample, ContractsJson.Default.EnvelopeTelemetrySample);

    /// <summary>A presence message. The will is made right after the birth that it belongs to, and so is newer than it and older than the next birth.</summary>
    public byte[] Presence(PresenceReport report) => Wrap(Uplink.Presence, report, ContractsJson.Default.EnvelopePresenceReport);

    /// <summary>What waits, wrapped and numbered; it waits no more.</summary>
    public List<(Uplink Uplink, byte[] Payload)> Take()
    {
        lock (_gate)
        {
            var taken = _waiting.Order().Select(u => (u, _newest[u]())).ToList();
            _waiting.Clear();
            return taken;
        }
    }

    /// <summary>The newest state, wrapped and numbered, for another way than MQTT; what waits for MQTT still waits.</summary>
    public List<byte[]> State()
    {
        lock (_gate)
        {
            return [.. _newest.Where(n => IsState(n.Key)).Select(n => n.Value())];
        }
    }

    /// <summary>The state is said again after a reconnection, so that a broker that forgot everything is whole again.</summary>
    public void SayStateAgain()
    {
        lock (_gate)
        {
            _waiting.UnionWith(_newest.Keys.Where(IsState));
        }
    }

    private static bool IsState(Uplink uplink) => uplink is Uplink.Settings or Uplink.Sync;

    private void Say<T>(Uplink uplink, T body, JsonTypeInfo<Envelope<T>> type)
    {
        lock (_gate)
        {
            _newest[uplink] = () => Wrap(uplink, body, type);
            _waiting.Add(uplink);
        }

        Waiting.Set();
    }

    private byte[] Wrap<T>(Uplink uplink, T body, JsonTypeInfo<Envelope<T>> type)
    {
        var seq = Interlocked.Increment(ref _seq);
        var envelope = new Envelope<T>(Envelope<T>.Version, Topics.Name(uplink), device.Value, boot, seq, time.GetUtcNow(), body);
        return JsonSerializer.SerializeToUtf8Bytes(envelope, type);
    }
}
