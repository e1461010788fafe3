using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.EventStore;

/// <summary>What bounds the store (design 5.2), as the settings have it now.</summary>
/// <param name="Limits">The caps.</param>
/// <param name="Backup">Whether events are sent to the server, which is what makes an event that was not sent worth keeping.</param>
internal sealed record StorePolicy(EventStoreSettings Limits, BackupSettings Backup)
{
    /// <summary>
    /// Whether a full store makes room by dropping events that the server does not hold. Without backup nothing would ever make room, so the
    /// store is a ring; with it, only when an operator chose so. Both ways each dropped event is a declared loss.
    /// </summary>
    public bool DropsUnsynced => !Backup.Enabled || Limits.WhenFull == WhenFull.DropOldest;
}
