using System.Text.Json;
using FleetManager.Agent.Control;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Contracts.Sync;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetManager.Agent.Tests.Control;

/// <summary>
/// Every setting of the sections that a whole agent serves, changed while it runs: it takes effect without a restart, and what waits to be sent is
/// not touched. The settings of the backup have their tests beside the sync. A setting that is new to the catalog fails here until it has a row.
/// </summary>
public sealed class SettingEffectsTests : IAsyncLifetime
{
    private const int HeldEvents = 2;
    private const int PendingEvents = 3;

    private readonly ShiftedTime _time = new();
    private readonly AgentLogging _logging = new();
    private readonly int _otherPort = FakeBroker.FreePort();
    private AgentFixture _fixture = null!;
    private DataDirectory _directory = null!;
    private DeviceAgent _agent = null!;
    private long _revision;
    private bool _serverTakesEvents = true;

    public static TheoryData<string> Keys => [.. SettingsCatalog.Sections.Where(s => s != SettingsCatalog.VisionEventsBackup).SelectMany(s => s.Fields.Select(f => $"{s.Name}.{f.Key}"))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // What is set before, what is set then, and what is seen of it.
    private Dictionary<string, (string Before, string After, Func<Task> Effect)> Cases => new()
    {
        ["eventStore.enabled"] = ("true", "false", async () => await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync())),
        ["eventStore.retentionDays"] = ("0", "1", () => SeenAsync(s => s.Records == PendingEvents, "what the server holds and is too old is gone")),
        ["eventStore.maxRecords"] = ("1000", "3", () => SeenAsync(s => s.Records == PendingEvents, "what the server holds made room")),
        ["eventStore.maxBytes"] = ("1073741824", "1048576", () => SeenAsync(s => s is { BytesUsed: < 1048576, Records: < HeldEvents + PendingEvents }, "what the server holds made room")),
        ["eventStore.minFreeDiskBytes"] = ("0", "1125899906842624", async () => Assert.Equal(529, await PostAsync())),
        ["eventStore.whenFull"] = ("\"refuse\"", "\"dropOldest\"", async () =>
        {
            Assert.Equal(201, await PostAsync());
            await SeenAsync(s => s.DeclaredLostRecords == 1, "the oldest is declared lost");
        }),
        ["eventStore.bindAddress"] = ("\"127.0.0.1\"", "\"127.0.0.2\"", async () => Assert.Equal(201, await PostAsync($"127.0.0.2:{_fixture.Port}"))),
        ["eventStore.port"] = ($"{_fixture.Port}", $"{_otherPort}", async () => Assert.Equal(201, await PostAsync($"127.0.0.1:{_otherPort}"))),
        ["eventStore.apiKey"] = ("null", "\"letmein\"", async () =>
        {
            Assert.Equal(401, await PostAsync());
            Assert.Equal(201, await PostAsync(key: "letmein"));
        }),
        ["telemetry.intervalSeconds"] = ("0", "1", () => Eventually.TrueAsync(
            () => _fixture.Server.Broker.Said(Uplink.Telemetry, ContractsJson.Default.EnvelopeTelemetrySample).Count > 0, "telemetry")),
        ["logging.level"] = ("\"error\"", "\"debug\"", async () =>
        {
            await _fixture.SendAsync(Documents.Of(1, "{}"));
            await Eventually.TrueAsync(() => Directory.EnumerateFiles(Path.Combine(_fixture.Folder, "log"), "*.log").Any(f => Text(f).Contains("ignored", StringComparison.Ordinal)), "debug lines");
        }),
    };

    public async ValueTask InitializeAsync()
    {
        _fixture = await AgentFixture.CreateAsync();
        _fixture.Server.Before = async context =>
        {
            if (_serverTakesEvents || !context.Request.Path.StartsWithSegments("/vision-events"))
            {
                return false;
            }

            await FakeServer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "not now");
            return true;
        };
        await _fixture.EnrollAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
        {
            await _agent.DisposeAsync();
            _directory.Dispose();
        }

        await _fixture.DisposeAsync();
        _logging.Dispose();
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Setting_Changed_TakesEffectAtOnceAndLeavesTheBacklogAlone(string key)
    {
        var (before, after, effect) = Cases[key];
        await StartAsync(Document(key, before));
        await FillAsync();
        if (key == "eventStore.retentionDays")
        {
            _time.Shift = TimeSpan.FromDays(2);
        }
        else if (key == "eventStore.whenFull")
        {
            // Full of what the server does not hold, and nothing else.
            await ApplyAsync(Document(key, before, ("maxRecords", $"{PendingEvents}")));
            Assert.Equal(529, await PostAsync());
        }

        await ApplyAsync(key == "eventStore.whenFull" ? Document(key, after, ("maxRecords", $"{PendingEvents}")) : Document(key, after));

        await SeenAsync(s => s is { PendingRecords: PendingEvents, DeclaredLostRecords: 0 }, "the backlog is there");
        await effect();
    }

    [Fact]
    public async Task Sections_Rejected_ReportCodePathAndMessage_AndKeepTheirLastGoodValue()
    {
        using var folder = new TemporaryFolder();
        var settings = new SettingsService(new SettingsSlots(folder.Path), NullLogger.Instance);
        ReportedSettings? report = null;
        settings.Decided += r => report = r;
        await settings.ApplyAsync(Documents.Of(1, """{"eventStore":{"retentionDays":9},"visionEventsBackup":{"batchSize":9},"telemetry":{"intervalSeconds":9},"logging":{"level":"error"}}"""), Token);
        var good = settings.Current;
        var revision = 1;
        foreach (var (section, field) in SettingsCatalog.Sections.SelectMany(s => s.Fields.Select(f => (s.Name, f))))
        {
            foreach (var (value, code) in Bad(field))
            {
                await settings.ApplyAsync(Documents.Of(++revision, "{\"" + section + "\":{\"" + field.Key + "\":" + value + "}}"), Token);

                var told = report!.Sections[section];
                Assert.Equal((revision, SettingsState.PartlyApplied), (report.Revision, report.State));
                Assert.Equal((SettingsState.Rejected, code, field.Key), (told.State, told.Code, told.Path));
                Assert.Contains(field.Range, told.Message, StringComparison.Ordinal);
                Assert.NotNull(told.EffectiveRevision);

                // The section is as it was; the others of this document are the product's defaults.
                Assert.Equal(
                    JsonSerializer.SerializeToElement(good, ContractsJson.Default.AgentSettings).GetProperty(section).GetRawText(),
                    JsonSerializer.SerializeToElement(settings.Current, ContractsJson.Default.AgentSettings).GetProperty(section).GetRawText());
                await settings.ApplyAsync(Documents.Of(++revision, """{"eventStore":{"retentionDays":9},"visionEventsBackup":{"batchSize":9},"telemetry":{"intervalSeconds":9},"logging":{"level":"error"}}"""), Token);
            }
        }
    }

    private static IEnumerable<(string Value, string Code)> Bad(SettingField field) => field switch
    {
        SwitchField => [("1", "type"), ("null", "type")],
        NumberField number => [("\"1\"", "type"), ("1.5", "type"), ($"{number.Min - 1}", "range"), ($"{number.Max + 1}", "range")],
        ChoiceField => [("1", "type"), ("\"nothing\"", "choice")],
        TextField { Required: true } => [("1", "type"), ("null", "required"), ("\"\"", "range")],
        TextField text => [("1", "type"), ($"\"{new string('x', text.MaxLength + 1)}\"", "range")],
        WindowsField => [("{}", "type"), ("""[{"days":["someday"],"from":"08:00","to":"09:00"}]""", "range"), ("""[{"days":[],"from":"8","to":"09:00"}]""", "range")],
        _ => throw new NotSupportedException($"{field.GetType()} has no bad values here"),
    };

    private string Document(string key, string value, params (string Key, string Value)[] more)
    {
        var sections = new Dictionary<string, Dictionary<string, string>>
        {
            ["eventStore"] = new() { ["port"] = $"{_fixture.Port}", ["minFreeDiskBytes"] = "0", ["retentionDays"] = "0" },
            ["visionEventsBackup"] = new() { ["enabled"] = "true", ["defaultUseCaseId"] = "\"line\"" },
            ["telemetry"] = new() { ["intervalSeconds"] = "0" },
            ["logging"] = new() { ["level"] = "\"error\"" },
        };
        var (section, name) = (key.Split('.')[0], key.Split('.')[1]);
        sections[section][name] = value;
        foreach (var (other, set) in more)
        {
            sections[section][other] = set;
        }

        return "{" + string.Join(',', sections.Select(s => $"\"{s.Key}\":{{{string.Join(',', s.Value.Select(v => $"\"{v.Key}\":{v.Value}"))}}}")) + "}";
    }

    private async Task StartAsync(string sections)
    {
        _directory = DataDirectory.Take(_fixture.Folder);
        _revision = 2;
        await new SettingsService(new SettingsSlots(_directory), NullLogger.Instance).ApplyAsync(Documents.Of(_revision, sections), Token);
        _agent = await DeviceAgent.StartAsync(_directory, pinnedPort: null, _logging, _time, Token);
    }

    private async Task ApplyAsync(string sections)
    {
        await _fixture.SendAsync(Documents.Of(++_revision, sections));
        Assert.Equal(SettingsState.Applied, (await _fixture.ReportedAsync(r => r.Revision == _revision)).State);
    }

    /// <summary>Some events that the server holds, each of more than half of the least that <c>maxBytes</c> takes, and some that it does not take.</summary>
    private async Task FillAsync()
    {
        for (var i = 0; i < HeldEvents; i++)
        {
            Assert.Equal(201, await PostAsync(images: $$"""[{"base64Image":"{{Pictures.Base64(i + new string('x', 700_000))}}"}]"""));
        }

        await SeenAsync(s => s is { BackedUpRecords: HeldEvents, PendingRecords: 0 }, "held");
        _serverTakesEvents = false;
        for (var i = 0; i < PendingEvents; i++)
        {
            Assert.Equal(201, await PostAsync());
        }

        await SeenAsync(s => s is { PendingRecords: PendingEvents }, "pending");
    }

    private Task SeenAsync(Func<SyncReport, bool> wanted, string what) =>
        Eventually.TrueAsync(async () => await StatusSocket.AskAsync(_fixture.Folder, Token) is { } status && wanted(status.Sync), what);

    private async Task<int> PostAsync(string? address = null, string? key = null, string images = "[]")
    {
        using var body = new StringContent($$"""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":{{images}}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{address ?? $"127.0.0.1:{_fixture.Port}"}/v2/events") { Content = body };
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        using var answer = await _fixture.Client.SendAsync(request, Token);
        return (int)answer.StatusCode;
    }

    private static string Text(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    /// <summary>The system's time, moved by days for who asks what day it is or how long ago something was; timers run as ever.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Shift.TotalSeconds * System.TimestampFrequency);
    }
}
