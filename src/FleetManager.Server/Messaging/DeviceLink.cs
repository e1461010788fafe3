using System.Collections.Concurrent;
using System.Net;
using FleetManager.Contracts;

namespace FleetManager.Server.Messaging;

/// <summary>How features reach devices: by their open sessions, whichever broker holds them.</summary>
internal sealed class DeviceLink
{
    private readonly ConcurrentDictionary<DeviceId, DeviceSession> _sessions = new();

    /// <summary>TCP port that devices connect to; 0 until the broker listens.</summary>
    public int Port { get; set; }

    /// <summary>Whether the device holds a session now.</summary>
    public bool IsOpen(DeviceId device) => _sessions.ContainsKey(device);

    /// <summary>
    /// Puts a message into the device's session; false when there is none that listens. True means sent, never received: a connection
    /// may die with it, so only what can be sent again may go this way.
    /// </summary>
    public bool TrySend(DeviceId device, DownMessage message) =>
        _sessions.TryGetValue(device, out var session) && session.Send(message);

    /// <summary>Ends the device's session, if it has one.</summary>
    public Task CloseAsync(DeviceId device) => _sessions.TryGetValue(device, out var session) ? session.Close() : Task.CompletedTask;

    /// <summary>A session begins; one of the same device that was there before is forgotten.</summary>
    internal void Opened(DeviceSession session) => _sessions[session.Device] = session;

    /// <summary>A session ended; false when another one of the device has taken its place already.</summary>
    internal bool Closed(DeviceId device, EndPoint remote) =>
        _sessions.TryGetValue(device, out var session)
        && session.Remote.Equals(remote)
        && _sessions.TryRemove(KeyValuePair.Create(device, session));
}

/// <summary>A message to a device.</summary>
/// <param name="Topic">Where it listens.</param>
/// <param name="Payload">Envelope in JSON.</param>
/// <param name="Retain">Whether it looks like a retained one: the present state rather than news.</param>
internal readonly record struct DownMessage(string Topic, byte[] Payload, bool Retain);

/// <summary>An open session of a device.</summary>
/// <param name="device">Whose.</param>
/// <param name="remote">Where from, which tells a session from the one that took its place.</param>
/// <param name="send">Queues a message; false when the session does not listen.</param>
/// <param name="close">Ends the connection.</param>
internal sealed class DeviceSession(DeviceId device, EndPoint remote, Func<DownMessage, bool> send, Func<Task> close)
{
    public DeviceId Device { get; } = device;

    public EndPoint Remote { get; } = remote;

    public Func<DownMessage, bool> Send { get; } = send;

    public Func<Task> Close { get; } = close;
}
