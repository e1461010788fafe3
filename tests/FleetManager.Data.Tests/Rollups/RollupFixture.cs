using FleetManager.Contracts.Events;
using FleetManager.Data.Events;
using FleetManager.Data.Rollups;
using FleetManager.Data.Tests.Databases;
using FleetManager.Data.Tests.Events;
using FleetManager.Data.UseCases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FleetManager.Data.Tests.Rollups;

/// <summary>Events with what rollups count, and what the rollups say.</summary>
internal sealed class RollupFixture : IAsyncDisposable
{
    public static readonly DateTimeOffset Day = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly EventFixture _events;
    private readonly List<ServiceProvider> _otherServers = [];

    private RollupFixture(EventFixture events, IServiceProvider services) => (_events, Services) = (events, services);

    public IServiceProvider Services { get; }

    public TestDatabase Database => _events.Database;

    public int WorkspaceId => _events.WorkspaceId;

    public int UseCaseKey => _events.UseCaseKey;

    public IHourRollup Hours => Services.GetRequiredService<IHourRollup>();

    public IFacetRollup Facets => Services.GetRequiredService<IFacetRollup>();

    public IEventCounts Counts => Services.GetRequiredService<IEventCounts>();

    public IEventRetention Retention => Services.GetRequiredService<IEventRetention>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<RollupFixture> CreateAsync(DatabaseKind kind)
    {
        var events = await EventFixture.CreateAsync(kind);
        return new RollupFixture(events, events.Database.Services);
    }

    /// <summary>The same database as another server sees it: with connections of its own. SQLite has one server, and so the same services.</summary>
    public RollupFixture AsOtherServer()
    {
        if (Database.Kind == DatabaseKind.Sqlite)
        {
            return this;
        }

        _otherServers.Add(Database.AddTo(new ServiceCollection()).BuildServiceProvider());
        return new RollupFixture(_events, _otherServers[^1]);
    }

    public async Task<int> AddUseCaseAsync()
    {
        var id = $"{Guid.NewGuid():n}";
        var useCase = new UseCase { WorkspaceId = WorkspaceId, UseCaseId = id, Name = id, NameKey = id, CreatedAt = Day };
        await using var db = Database.Open();
        db.UseCases.Add(useCase);
        await db.SaveChangesAsync(Cancellation);
        return useCase.Key;
    }

    /// <summary>An event of an hour; the content is new with every call, so that a repeated id overwrites.</summary>
    public EventRow Row(string id, DateTimeOffset at, string type = EventTypes.Custom, int? useCaseKey = null, Action<VisionEvent>? more = null)
    {
        var row = _events.Row(id, $"{Guid.NewGuid()}");
        (row.Event.Timestamp, row.Event.EventType, row.Event.UseCaseKey) = (at, type, useCaseKey ?? UseCaseKey);
        more?.Invoke(row.Event);
        return row;
    }

    public Task<IReadOnlyList<WriteResult>> WriteAsync(params EventRow[] rows) => _events.WriteAsync(rows);

    /// <summary>Counts all that waits.</summary>
    public async Task CountAsync()
    {
        while (await Hours.WaitingAsync(100, Cancellation) is { Count: > 0 } hours)
        {
            Assert.True(await Hours.CountAsync(hours, Cancellation));
        }

        foreach (var day in await Facets.WaitingAsync(DateTimeOffset.MaxValue.AddDays(-1), 100, Cancellation))
        {
            Assert.True(await Facets.CountAsync(day, Day, Cancellation));
        }
    }

    /// <summary>Events of a range by start and type, as readers see them: units that add up to nothing are left out.</summary>
    public async Task<SortedDictionary<string, long>> ReadAsync(DateTimeOffset from, DateTimeOffset to, CountUnit unit = CountUnit.Total, int? useCaseKey = null)
    {
        var counts = await Counts.CountAsync([useCaseKey ?? UseCaseKey], new CountRange(from, to, unit), Cancellation);
        return Sum(counts.Select(c => ($"{(unit == CountUnit.Day ? CountRange.Floor(c.Start!.Value, TimeSpan.FromDays(1)) : c.Start):u}{c.EventType}", c.Events)));
    }

    public static SortedDictionary<string, long> Sum(IEnumerable<(string Name, long Events)> counts) => new(
        counts.GroupBy(c => c.Name).Select(g => (g.Key, Events: g.Sum(c => c.Events))).Where(g => g.Events != 0).ToDictionary(g => g.Key, g => g.Events),
        StringComparer.Ordinal);

    /// <summary>The hour rows of a use case.</summary>
    public async Task<SortedDictionary<string, long>> HoursAsync(int? useCaseKey = null)
    {
        var key = useCaseKey ?? UseCaseKey;
        await using var db = Database.Open();
        return Sum((await db.EventHours.Where(h => h.UseCaseKey == key).ToListAsync(Cancellation)).Select(h => ($"{h.Hour:u}{h.EventType}", h.Events)));
    }

    /// <summary>The day rows of a use case.</summary>
    public async Task<SortedDictionary<string, long>> DaysAsync(int? useCaseKey = null)
    {
        var key = useCaseKey ?? UseCaseKey;
        await using var db = Database.Open();
        return Sum((await db.EventDays.Where(d => d.UseCaseKey == key).ToListAsync(Cancellation)).Select(d => ($"{d.Day:u}{d.EventType}", d.Events)));
    }

    /// <summary>The facet rows of a use case.</summary>
    public async Task<SortedDictionary<string, long>> FacetsAsync(int? useCaseKey = null)
    {
        var key = useCaseKey ?? UseCaseKey;
        await using var db = Database.Open();
        return Sum((await db.EventFacets.Where(f => f.UseCaseKey == key).ToListAsync(Cancellation))
            .Select(f => ($"{f.Day:dd} {f.Field} {f.Kind} {f.Value}", f.Events)));
    }

    /// <summary>Makes the next write to a table fail, as a crash would at that point; dispose to mend it.</summary>
    public async Task<IAsyncDisposable> BreakAsync(string table)
    {
        await ExecuteAsync(Database.Kind == DatabaseKind.Sqlite
            ? $"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"
            : $"""
               CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
               CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION broken()
               """);
        return new Mending(() => ExecuteAsync(Database.Kind == DatabaseKind.Sqlite ? "DROP TRIGGER broken" : "DROP FUNCTION broken() CASCADE"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _otherServers)
        {
            await server.DisposeAsync();
        }

        await _events.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var db = Database.Open();
        await db.Database.ExecuteSqlRawAsync(sql, Cancellation);
    }

    private sealed class Mending(Func<Task> mend) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await mend();
    }
}
