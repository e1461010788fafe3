using System.Text.Json;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Control;

/// <summary>
/// The settings in force. A new document is decided on section by section; one that fails as a whole changes nothing, and no document ever
/// touches the event store's content.
/// </summary>
internal sealed partial class SettingsService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(30);
    private readonly SettingsSlots _slots;
    private readonly ILogger _logger;
    private readonly Signal _offered = new();
    private readonly Lock _gate = new();
    private DesiredSettings? _newest;
    private SettingsRecord? _record;

    public SettingsService(SettingsSlots slots, ILogger logger)
    {
        (_slots, _logger) = (slots, logger);
        _record = slots.Load();
        Current = Effective(_record?.Sections);
    }

    /// <summary>Puts the section <c>eventStore</c> into force; returns why it can not.</summary>
    public Func<EventStoreSettings, CancellationToken, Task<SettingFault?>> ApplyEventStore { get; set; } = (_, _) => Task.FromResult<SettingFault?>(null);

    /// <summary>Keys that this process has fixed otherwise; a document that says something else about them is told so.</summary>
    public Func<AgentSettings, IEnumerable<string>> Pinned { get; set; } = _ => [];

    /// <summary>Called with the settings before and after a change.</summary>
    public event Action<AgentSettings, AgentSettings>? Changed;

    /// <summary>Called with every decision.</summary>
    public event Action<ReportedSettings>? Decided;

    public AgentSettings Current { get; private set => Volatile.Write(ref field, value); }

    /// <summary>The last decision; null before the first document.</summary>
    public ReportedSettings? Report => _record?.Report;

    public long Revision => Report?.Revision ?? 0;

    /// <summary>Hands in a document that came by MQTT or REST; of several that wait only the newest is decided on.</summary>
    public void Offer(DesiredSettings desired)
    {
        lock (_gate)
        {
            if (_newest is null || desired.Revision >= _newest.Revision)
            {
                _newest = desired;
            }
        }

        _offered.Set();
    }

    /// <summary>Reports a document that could not even be read.</summary>
    public void Refuse(SettingFault fault) => Decide(Refused(Revision, Report?.Hash ?? "", fault));

    public async Task RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        DesiredSettings? unkept = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (!await _offered.WaitAsync(unkept is null ? Timeout.InfiniteTimeSpan : s_retry, time, cancellationToken))
            {
                Offer(unkept!);
            }

            if (TakeNewest() is not { } desired)
            {
                continue;
            }

            unkept = null;
            try
            {
                await ApplyAsync(desired, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // A full disk gets room again, and nobody sends the document a second time.
                unkept = e is IOException or UnauthorizedAccessException ? desired : null;
                Log.NotKept(_logger, desired.Revision, e);
                Decide(Refused(desired.Revision, desired.Hash, new SettingFault("apply", "", "the settings could not be kept on the device: " + e.Message)));
            }
        }
    }

    /// <summary>Decides on a document, keeps what is now in force, and reports.</summary>
    public async Task ApplyAsync(DesiredSettings desired, CancellationToken cancellationToken)
    {
        if (desired.Sections.ValueKind != JsonValueKind.Object)
        {
            Decide(Refused(desired.Revision, desired.Hash, new SettingFault("json", "sections", "sections must be an object")));
            return;
        }

        if (CanonicalJson.Hash(desired.Sections) != desired.Hash)
        {
            Decide(Refused(desired.Revision, desired.Hash, new SettingFault("hash", "", "the hash is not that of the sections")));
            return;
        }

        if (desired.Revision < Revision)
        {
            // A server that was restored from a backup learns from this that it is behind.
            Log.Older(_logger, desired.Revision, Revision);
            Decide(Report!);
            return;
        }

        if (desired.Revision == Revision && Report is { } known)
        {
            if (known.Hash != desired.Hash)
            {
                Decide(Refused(desired.Revision, desired.Hash, new SettingFault("hash", "", $"revision {Revision} came before with other content")));
                return;
            }

            if (known.State == SettingsState.Applied)
            {
                Decide(known);
                return;
            }
        }

        await DecideSectionsAsync(desired, cancellationToken);
    }

    private async Task DecideSectionsAsync(DesiredSettings desired, CancellationToken cancellationToken)
    {
        var decision = new SettingsDecision(desired, _record?.Sections);
        if (decision.Accepted(SettingsCatalog.EventStore) is { } eventStore && await ApplyEventStore(eventStore, cancellationToken) is { } fault)
        {
            decision.Reject(SettingsCatalog.EventStore.Name, fault);
        }

        var (before, after) = (Current, Effective(decision.Sections));
        var report = decision.Report(Pinned(after));
        var record = new SettingsRecord((_record?.Generation ?? 0) + 1, report, decision.Sections);
        try
        {
            _slots.Save(record);
        }
        catch
        {
            // What a restart would forget must not be in force.
            await ApplyEventStore(before.EventStore, cancellationToken);
            throw;
        }

        _record = record;
        Current = after;
        Log.Decided(_logger, report.Revision, report.State);
        Changed?.Invoke(before, after);
        Decided?.Invoke(report);
    }

    private void Decide(ReportedSettings report)
    {
        if (report.Fault is { } fault)
        {
            Log.Refused(_logger, report.Revision, fault.Message);
        }

        Decided?.Invoke(report);
    }

    private DesiredSettings? TakeNewest()
    {
        lock (_gate)
        {
            (var newest, _newest) = (_newest, null);
            return newest;
        }
    }

    private static ReportedSettings Refused(long revision, string hash, SettingFault fault) =>
        new(revision, hash, SettingsState.Rejected, new Dictionary<string, SectionReport>(), []) { Fault = fault };

    private static AgentSettings Effective(IReadOnlyDictionary<string, SectionValue>? sections) => new()
    {
        EventStore = Read(SettingsCatalog.EventStore, sections),
        VisionEventsBackup = Read(SettingsCatalog.VisionEventsBackup, sections),
        Telemetry = Read(SettingsCatalog.Telemetry, sections),
        Logging = Read(SettingsCatalog.Logging, sections),
    };

    // A value that another version of the agent took may be out of this one's range: then the product's default is safer.
    private static T Read<T>(SettingsSection<T> section, IReadOnlyDictionary<string, SectionValue>? sections)
        where T : class, new() =>
        sections is not null && sections.TryGetValue(section.Name, out var kept) && section.Check(kept.Value, out _).Count == 0 ? section.Read(kept.Value) : new T();

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information, "Settings revision {Revision}: {State}")]
        public static partial void Decided(ILogger logger, long revision, SettingsState state);

        [LoggerMessage(301, LogLevel.Warning, "Settings revision {Revision} refused: {Reason}")]
        public static partial void Refused(ILogger logger, long revision, string reason);

        [LoggerMessage(302, LogLevel.Debug, "Settings revision {Revision} ignored: {Current} is in force")]
        public static partial void Older(ILogger logger, long revision, long current);

        [LoggerMessage(303, LogLevel.Error, "Settings revision {Revision} could not be kept on the device")]
        public static partial void NotKept(ILogger logger, long revision, Exception exception);
    }
}
