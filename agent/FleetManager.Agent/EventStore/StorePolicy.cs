using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.EventStore;

/// <summary>What bounds the store (design 5.2), as the settings have it now.</summary>
/// <param name="Limits">The caps.</param>
/// <param name="Backup">Whether events are sent to the server, which is what makes an event that was not sent worth keeping.</param>
internal sealed record StorePolicy(EventStoreSettings Limits, BackupSettings Backup)
{
    // The journal's log grows to about 4 MiB before it is folded in.
    private const long JournalRoom = 8 * 1024 * 1024;

    /// <summary>
    /// What the store leaves free of its volume. Never nothing: on a volume filled by its own images it could not even write down what the
    /// server holds, and so never delete it.
    /// </summary>
    public long FreeDiskToLeave => Math.Max(Limits.MinFreeDiskBytes, JournalRoom);

    /// <summary>
    /// Whether a full store makes room by dropping events that the server does not hold. Without backup nothing would ever make room, so the
    /// store is a ring; with it, only when an operator chose so. Both ways each dropped event is a declared loss.
    /// </summary>
    public bool DropsUnsynced => !Backup.Enabled || Limits.WhenFull == WhenFull.DropOldest;
}
