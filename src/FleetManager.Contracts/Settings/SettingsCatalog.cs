using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FleetManager.Contracts.Settings;

/// <summary>Every section and every setting (design 5.2).</summary>
public static class SettingsCatalog
{
    private const long Pebibyte = 1L << 50;

    /// <summary>Section <c>eventStore</c>.</summary>
    public static SettingsSection<EventStoreSettings> EventStore { get; } = new("eventStore", "Event Store", ContractsJson.Default.EventStoreSettings,
    [
        new SwitchField("enabled", "Enabled", "Take events from producers on the device."),
        new NumberField("retentionDays", "Retention", "How long an event is kept; 0 keeps it until it is synced or a cap is reached.", 0, 3650, "days"),
        new NumberField("maxRecords", "Most events", "Events kept on the device.", 1, 1_000_000_000, "events"),
        new NumberField("maxBytes", "Most space", "Events and images together.", 1 << 20, Pebibyte, "bytes"),
        new NumberField("minFreeDiskBytes", "Free disk to leave", "The store stops growing when its volume has less than this free.", 0, Pebibyte, "bytes"),
        new ChoiceField("whenFull", "When full", "What happens to a new event when the store is full of events that are not synced yet.",
        [
            ("refuse", "Refuse new events (529) until space returns"),
            ("dropOldest", "Drop the oldest, declared as lost"),
        ]),
        new TextField("bindAddress", "Address", "Where the local API listens; off loopback it needs an API key.", 45, TextKind.Address, Required: true),
        new NumberField("port", "Port", "TCP port of the local API.", 1, 65535),
        new TextField("apiKey", "API key", "What producers send as X-API-Key; empty leaves the API open on loopback.", 200, TextKind.Secret),
    ],
    settings => settings.ApiKey is null && !IPAddress.IsLoopback(IPAddress.Parse(settings.BindAddress))
        ? new SettingFault("required", "apiKey", $"apiKey must be set when bindAddress ({settings.BindAddress}) is not a loopback address")
        : null);

    /// <summary>Section <c>visionEventsBackup</c>.</summary>
    public static SettingsSection<BackupSettings> VisionEventsBackup { get; } = new("visionEventsBackup", "Vision Events Backup", ContractsJson.Default.BackupSettings,
    [
        new SwitchField("enabled", "Enabled", "Send stored events to this server, as soon as it can be reached."),
        new TextField("defaultUseCaseId", "Default use case", "Use case of events that name none.", 256, TextKind.UseCase),
        new ChoiceField("images", "Images", "Which images go along with an event.",
        [
            ("both", "Output and input"),
            ("output", "Output only"),
            ("input", "Input only"),
            ("none", "None"),
        ]),
        new NumberField("batchSize", "Batch size", "Events in a request.", 1, 100, "events"),
        new NumberField("concurrency", "Concurrency", "Requests under way at once.", 1, 8, "requests"),
        new NumberField("maxBytesPerSecond", "Bandwidth cap", "Bytes sent a second; 0 is no cap.", 0, Pebibyte, "bytes/s"),
        new ChoiceField("compression", "Compression", "Whether requests are packed; images are as they are.",
        [
            ("auto", "On links slower than about 100 Mbit/s"),
            ("always", "Always"),
            ("never", "Never"),
        ]),
        new WindowsField("windows", "Time windows", "When the backup may run, in the device's local time; none is always."),
        new ChoiceField("order", "Order", "Which events go first.",
        [
            ("oldestFirst", "Oldest first"),
            ("newestFirst", "Newest first"),
        ]),
        new SwitchField("deleteAfterBackup", "Delete after backup", "Remove an event from the device as soon as the server holds it."),
    ]);

    /// <summary>Section <c>telemetry</c>.</summary>
    public static SettingsSection<TelemetrySettings> Telemetry { get; } = new("telemetry", "Telemetry", ContractsJson.Default.TelemetrySettings,
    [
        new NumberField("intervalSeconds", "Interval", "Seconds between two samples; 0 sends none.", 0, 86_400, "seconds"),
    ]);

    /// <summary>Section <c>logging</c>.</summary>
    public static SettingsSection<LoggingSettings> Logging { get; } = new("logging", "Logging", ContractsJson.Default.LoggingSettings,
    [
        new ChoiceField("level", "Level", "The least severe lines that the agent writes.",
        [
            ("debug", "Debug"),
            ("information", "Information"),
            ("warning", "Warning"),
            ("error", "Error"),
        ]),
    ]);

    /// <summary>All sections, in the order in which the console shows them.</summary>
    public static IReadOnlyList<SettingsSection> Sections { get; } = [EventStore, VisionEventsBackup, Telemetry, Logging];

    /// <summary>The product's defaults as a document's sections.</summary>
    public static JsonElement Defaults { get; } = JsonSerializer.SerializeToElement(new AgentSettings(), ContractsJson.Default.AgentSettings);
}

/// <summary>A section of the settings document.</summary>
/// <param name="Name">Its key in the document.</param>
/// <param name="Title">Its title in the console.</param>
/// <param name="Fields">Its settings.</param>
public abstract record SettingsSection(string Name, string Title, IReadOnlyList<SettingField> Fields)
{
    /// <summary>What is wrong with the section; empty when nothing is. Unknown keys are not faults: they are listed in <paramref name="ignored"/>.</summary>
    public abstract IReadOnlyList<SettingFault> Check(JsonElement section, out IReadOnlyList<string> ignored);
}

/// <summary>A section and the record that it reads into.</summary>
public sealed record SettingsSection<T>(
    string Name,
    string Title,
    JsonTypeInfo<T> Type,
    IReadOnlyList<SettingField> Fields,
    Func<T, SettingFault?>? Rule = null)
    : SettingsSection(Name, Title, Fields)
    where T : class
{
    /// <summary>Reads a section that <see cref="Check"/> found nothing wrong with; absent keys take the product's default.</summary>
    public T Read(JsonElement section) =>
        section.Deserialize(Type) ?? throw new JsonException($"{Name} must be an object");

    /// <inheritdoc/>
    public override IReadOnlyList<SettingFault> Check(JsonElement section, out IReadOnlyList<string> ignored)
    {
        if (section.ValueKind != JsonValueKind.Object)
        {
            ignored = [];
            return [new SettingFault("type", "", $"{Name} must be an object")];
        }

        var faults = new List<SettingFault>();
        var unknown = new List<string>();
        foreach (var member in section.EnumerateObject())
        {
            var field = Fields.FirstOrDefault(f => f.Key == member.Name);
            if (field is null)
            {
                unknown.Add($"{Name}.{member.Name}");
            }
            else if (field.Check(member.Value) is { } fault)
            {
                faults.Add(fault);
            }
        }

        // A rule looks at several settings at once, so it needs all of them to be readable first.
        if (faults.Count == 0 && Rule?.Invoke(Read(section)) is { } broken)
        {
            faults.Add(broken);
        }

        ignored = unknown;
        return faults;
    }
}
