using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FleetManager.Contracts.Events;
using FleetManager.Data.Devices;
using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Data.UseCases;
using FleetManager.Data.Workspaces;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FleetManager.Data.Tests.Events;

/// <summary>A workspace with a use case and two devices, and rows as ingest makes them.</summary>
internal sealed class EventFixture : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private EventFixture(TestDatabase database, int workspace, int useCase, int first, int second) =>
        (Database, WorkspaceId, UseCaseKey, FirstDevice, SecondDevice) = (database, workspace, useCase, first, second);

    public TestDatabase Database { get; }

    public int WorkspaceId { get; }

    public int UseCaseKey { get; }

    public int FirstDevice { get; }

    public int SecondDevice { get; }

    public IEventWriter Writer => Database.Services.GetRequiredService<IEventWriter>();

    public static async Task<EventFixture> CreateAsync(DatabaseKind kind)
    {
        var database = await TestDatabase.CreateAsync(kind);
        await using var db = database.Open();
        var workspace = new Workspace { Slug = "w", Name = "w", CreatedAt = Noon };
        db.Workspaces.Add(workspace);
        await db.SaveChangesAsync();
        var useCase = new UseCase { WorkspaceId = workspace.Id, UseCaseId = "u", Name = "u", NameKey = "u", CreatedAt = Noon };
        Device[] devices = [.. Enumerable.Range(0, 2).Select(i => new Device
        {
            WorkspaceId = workspace.Id, DeviceId = $"d{i}", Name = $"d{i}", KeyHash = $"h{i}", CreatedAt = Noon, EnrolledAt = Noon,
        })];
        db.UseCases.Add(useCase);
        db.Devices.AddRange(devices);
        await db.SaveChangesAsync();
        return new EventFixture(database, workspace.Id, useCase.Key, devices[0].Key, devices[1].Key);
    }

    public EventRow Row(string id, string content = "a", int? origin = null, StorePosition? store = null, int? workspaceId = null) => new(
        new VisionEvent
        {
            WorkspaceId = workspaceId ?? WorkspaceId,
            EventId = id,
            UseCaseKey = UseCaseKey,
            EventType = EventTypes.Custom,
            Timestamp = Noon,
            ReceivedAt = Noon.AddSeconds(1),
            OriginKey = origin,
            EventData = $$"""{"value": "{{content}}"}""",
            ContentHash = SHA256.HashData(Encoding.UTF8.GetBytes(content)),
        },
        store);

    public EventRow Stored(int seq, Guid epoch, int? device = null) => Row($"{epoch}-{seq}", "a", device ?? FirstDevice, new StorePosition(epoch, seq));

    public Task<IReadOnlyList<WriteResult>> WriteAsync(params EventRow[] rows) => Writer.WriteAsync(rows, TestContext.Current.CancellationToken);

    /// <summary>Id, content and origin of all events.</summary>
    public async Task<Dictionary<string, (string? Content, int? Origin)>> EventsAsync()
    {
        await using var db = Database.Open();
        var events = await db.Events.AsNoTracking()
            .Select(e => new { e.EventId, e.EventData, e.OriginKey })
            .ToListAsync(TestContext.Current.CancellationToken);
        return events.ToDictionary(e => e.EventId, e => ((string?)JsonNode.Parse(e.EventData!)!["value"], e.OriginKey));
    }

    /// <summary>Held runs as <c>1-3 5-5</c>.</summary>
    public async Task<string> HeldAsync(Guid epoch, int? device = null)
    {
        var key = device ?? FirstDevice;
        await using var db = Database.Open();
        var runs = await db.HeldRanges.AsNoTracking()
            .Where(r => r.DeviceKey == key && r.Epoch == epoch)
            .OrderBy(r => r.FromSeq)
            .ToListAsync(TestContext.Current.CancellationToken);
        return string.Join(' ', runs.Select(r => $"{r.FromSeq}-{r.ThroughSeq}"));
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
