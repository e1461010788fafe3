using System.Collections.Concurrent;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Data;
using FleetManager.Server.Messaging;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Settings;

/// <summary>
/// Brings the wanted settings to the device: into its session when it subscribes and after each save, or by REST when it asks. Keeps
/// in memory what was sent, which is all that "sent" means: after a restart everything is pending until a device subscribes again.
/// </summary>
internal sealed class SettingsDelivery(IDbContextFactory<FleetDb> databases, DeviceLink link, IOptions<FleetOptions> options, TimeProvider time)
{
    private const string DefaultAuthor = "product defaults";

    private static readonly string s_defaultHash = CanonicalJson.Hash(SettingsCatalog.Defaults);

    private readonly ConcurrentDictionary<DeviceId, Sent> _sent = new();
    private readonly Topics _topics = new(options.Value.Broker.TopicRoot);

    /// <summary>Whether the device was given this revision and may still answer.</summary>
    public bool IsSent(DeviceId device, long revision) =>
        _sent.TryGetValue(device, out var sent) && sent.Revision == revision && (sent.ByRest || link.IsOpen(device));

    /// <summary>What an earlier session was sent says nothing about a new one.</summary>
    public void SessionOpened(DeviceId device)
    {
        if (_sent.TryGetValue(device, out var sent) && !sent.ByRest)
        {
            _sent.TryRemove(KeyValuePair.Create(device, sent));
        }
    }

    /// <summary>
    /// Sends what the device should have at this moment; does nothing when no session listens. Safe at any time and in any order: an
    /// agent ignores a revision that is not newer than its own.
    /// </summary>
    public async Task SendAsync(DeviceId device, CancellationToken cancellationToken)
    {
        if (link.IsOpen(device)
            && await FindAsync(device, cancellationToken) is { } desired
            && link.TrySend(device, new DownMessage(_topics.DownSettings(device), Wrap(device, desired), Retain: true)))
        {
            _sent[device] = new Sent(desired.Revision, ByRest: false);
        }
    }

    /// <summary>The document for a device that fetches it by REST; null when there is no such device.</summary>
    public async Task<DesiredSettings?> FetchAsync(DeviceId device, CancellationToken cancellationToken)
    {
        var desired = await FindAsync(device, cancellationToken);
        if (desired is not null)
        {
            _sent[device] = new Sent(desired.Revision, ByRest: true);
        }

        return desired;
    }

    private async Task<DesiredSettings?> FindAsync(DeviceId device, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.Devices.AsNoTracking()
            .Where(d => d.DeviceId == device.Value && d.RevokedAt == null)
            .LeftJoin(
                db.SettingsRevisions,
                d => new { d.Key, Revision = d.DesiredRevision },
                r => new { Key = r.DeviceKey, r.Revision },
                (d, r) => new { d.CreatedAt, Settings = r })
            .FirstOrDefaultAsync(cancellationToken);
        return found switch
        {
            null => null,
            { Settings: null } => new DesiredSettings(0, s_defaultHash, found.CreatedAt, DefaultAuthor, SettingsCatalog.Defaults),
            { Settings: { } s } => new DesiredSettings(s.Revision, s.Hash, s.IssuedAt, s.IssuedBy, JsonElement.Parse(s.Sections)),
        };
    }

    // A downlink is ordered by its revision alone, so the revision stands in for the message counter.
    private byte[] Wrap(DeviceId device, DesiredSettings desired) => JsonSerializer.SerializeToUtf8Bytes(
        new Envelope<DesiredSettings>(Envelope<DesiredSettings>.Version, "settings", device.Value, 1, desired.Revision, time.GetUtcNow(), desired),
        ContractsJson.Default.EnvelopeDesiredSettings);

    private readonly record struct Sent(long Revision, bool ByRest);
}
