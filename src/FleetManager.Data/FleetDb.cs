using FleetManager.Data.Accounts;
using FleetManager.Data.Audit;
using FleetManager.Data.Devices;
using FleetManager.Data.Events;
using FleetManager.Data.Images;
using FleetManager.Data.Keys;
using FleetManager.Data.Receipts;
using FleetManager.Data.Rollups;
using FleetManager.Data.Settings;
using FleetManager.Data.UseCases;
using FleetManager.Data.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Data;

/// <summary>
/// The truth (design 4.2). Holds sets and mapping; what differs between databases is said in <see cref="SqliteFleetDb"/> and
/// <see cref="PostgresFleetDb"/> and nowhere else. Every table carries its workspace, except workspaces themselves and users,
/// who may belong to several.
/// </summary>
public abstract class FleetDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<Workspace> Workspaces => Set<Workspace>();

    public DbSet<User> Users => Set<User>();

    public DbSet<Membership> Memberships => Set<Membership>();

    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<EnrollmentToken> EnrollmentTokens => Set<EnrollmentToken>();

    public DbSet<Device> Devices => Set<Device>();

    public DbSet<DeviceStatus> DeviceStatuses => Set<DeviceStatus>();

    public DbSet<DeviceLog> DeviceLogs => Set<DeviceLog>();

    public DbSet<DeviceTelemetry> DeviceTelemetry => Set<DeviceTelemetry>();

    public DbSet<DeviceEvent> DeviceEvents => Set<DeviceEvent>();

    public DbSet<SettingsRevision> SettingsRevisions => Set<SettingsRevision>();

    public DbSet<UseCase> UseCases => Set<UseCase>();

    public DbSet<VisionEvent> Events => Set<VisionEvent>();

    public DbSet<TouchedHour> TouchedHours => Set<TouchedHour>();

    public DbSet<MetadataField> MetadataFields => Set<MetadataField>();

    public DbSet<EventHour> EventHours => Set<EventHour>();

    public DbSet<EventDay> EventDays => Set<EventDay>();

    public DbSet<EventFacet> EventFacets => Set<EventFacet>();

    public DbSet<TouchedDay> TouchedDays => Set<TouchedDay>();

    public DbSet<FacetDay> FacetDays => Set<FacetDay>();

    public DbSet<Image> Images => Set<Image>();

    public DbSet<DeviceStore> DeviceStores => Set<DeviceStore>();

    public DbSet<HeldRange> HeldRanges => Set<HeldRange>();

    public DbSet<LossRange> LossRanges => Set<LossRange>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    /// <summary>A condition in the words of this database.</summary>
    public abstract string Express(JsonCondition condition);

    /// <summary>Whether its planner takes conditions on two JSON columns for independent, and so pairs that never meet for common ones.</summary>
    public abstract bool JudgesColumnsApart { get; }

    /// <summary>
    /// Reads what may take long: when the token is cancelled, a statement that runs is stopped where it runs, and this throws
    /// <see cref="OperationCanceledException"/>.
    /// </summary>
    public virtual Task<T> ReadAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken) => read();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(FleetDb).Assembly);
        SnakeCase.Apply(modelBuilder.Model);
    }
}
