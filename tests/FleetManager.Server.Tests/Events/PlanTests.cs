using System.Data.Common;
using FleetManager.Data;
using FleetManager.Data.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Events;

/// <summary>
/// By which index PostgreSQL finds a page among many events. Line and shift go together (line-0 is always shift a), as do class and line; every
/// event has a serial number of its own.
/// </summary>
public sealed class PlanTests(PlanTests.ManyEvents events) : IClassFixture<PlanTests.ManyEvents>
{
    private const string Order = "IX_events_use_case_key_timestamp_key";
    private const string Gin = "IX_events_custom_metadata_classes";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Plans { get; } = new()
    {
        { "{}", Order },
        { """ {"eventTypes":["custom","safety_alert"]} """, Order },
        { """ {"customMetadataFilters":[{"field":"line","operator":"eq","value":"line-1"}]} """, Order },
        { """ {"customMetadataFilters":[{"field":"temp","operator":"gt","value":50}]} """, Order },
        { """ {"customMetadataFilters":[{"field":"line","operator":"neq","value":"line-1"}]} """, Order },
        { """ {"detection":{"operator":"eq","value":"coin"}} """, Order },
        { """ {"detection":{"operator":"eq","value":"coin","confidence":{"operator":"gt","value":0.5}}} """, Order },
        { """ {"customMetadataFilters":[{"field":"serial","operator":"eq","value":"s-7"}]} """, Gin },
        { """ {"customMetadataFilters":[{"field":"serial","operator":"in","value":["s-7","s-8"]}]} """, Gin },
        { """ {"customMetadataFilters":[{"field":"serial","operator":"eq","value":"nowhere"}]} """, Gin },
        { """ {"customMetadataFilters":[{"field":"line","operator":"eq","value":"line-1"},{"field":"shift","operator":"eq","value":"a"}]} """, Gin },
        { """ {"customMetadataFilters":[{"field":"line","operator":"in","value":["line-1","line-2"]},{"field":"shift","operator":"eq","value":"a"}]} """, Gin },
        { """ {"detection":{"operator":"eq","value":"crack"}} """, Gin },
        { """ {"detection":{"operator":"in","value":["crack","hole"],"confidence":{"operator":"gt","value":0.5}}} """, Gin },
        { """ {"externalId":{"operator":"eq","value":"x-7"}} """, "IX_events_use_case_key_external_id" },
        { """ {"hasWarnings":true} """, "ix_events_with_warnings" },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task Page_OfManyEvents_IsFoundByItsIndex(string filter, string index)
    {
        var body = System.Text.Json.Nodes.JsonNode.Parse(filter)!;
        body["useCaseId"] = events.UseCase.Id;
        var query = EventQueryReader.Read(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), out _)!;
        await using var db = events.Fleet.Open();
        var page = db.InRange(query, events.UseCase.Key, TimeProvider.System.GetUtcNow().AddDays(-400)).Matching(db, query, events.Fleet.Workspace.Id).Newest(51);

        var plan = await ExplainAsync(db, page);

        Assert.Contains(index, plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
    }

    /// <summary>Line and class are both common, but two of three lines hardly ever have one: which no statistics tell.</summary>
    [Theory]
    [InlineData("line-1", "coin", 33)]
    [InlineData("line-9", "coin", 0)]
    [InlineData("line-0", "coin", 50)]
    [InlineData("line-0", "crack", 33)]
    public async Task Pair_OfAClassAndALine_FindsAllOfItsEvents(string line, string found, int count)
    {
        using var client = await events.Fleet.KeyClientAsync();
        var page = await client.PostJsonAsync(
            "/vision-events/query",
            $$"""
            {"useCaseId":"{{events.UseCase.Id}}","limit":50,"detection":{"operator":"eq","value":"{{found}}"},
             "customMetadataFilters":[{"field":"line","operator":"eq","value":"{{line}}"}]}
            """);

        Assert.Equal(count, page.Json["events"]!.AsArray().Count);
    }

    [Fact]
    public async Task Pair_ThatWasNotMetNearby_IsFoundByTheIndex()
    {
        var query = new EventQuery
        {
            UseCaseId = events.UseCase.Id,
            Detection = new DetectionFilter(new JsonTest(null, JsonOperator.In, [new JsonScalar(MetadataType.Text, "coin")])),
            CustomMetadata = [new FieldFilter(new JsonTest("line", JsonOperator.In, [new JsonScalar(MetadataType.Text, "line-1")]))],
        };
        await using var db = events.Fleet.Open();

        var plan = await ExplainAsync(
            db, db.InRange(query, events.UseCase.Key, DateTimeOffset.UnixEpoch).Matching(db, query, events.Fleet.Workspace.Id).FoundFirst().Newest(51));

        Assert.True(query.HasPair);
        Assert.Contains(Gin, plan, StringComparison.Ordinal);
        Assert.DoesNotContain(Order, plan, StringComparison.Ordinal);
    }

    private static async Task<string> ExplainAsync(DbContext db, IQueryable<VisionEvent> page)
    {
        await db.Database.OpenConnectionAsync(Cancellation);
        await using DbCommand command = page.CreateDbCommand();
        command.CommandText = "EXPLAIN " + command.CommandText;
        var plan = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
        {
            plan.Add(reader.GetString(0));
        }

        return string.Join('\n', plan);
    }

    /// <summary>A server whose use case holds as many events as it takes for the planner to care.</summary>
    public sealed class ManyEvents : IAsyncLifetime
    {
        private const int Count = 200_000;

        internal FleetApplication Fleet { get; private set; } = null!;

        internal UseCaseRef UseCase { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Fleet = await FleetApplication.StartAsync(DatabaseKind.Postgres);
            var id = await Fleet.AddUseCaseAsync("Many");
            UseCase = (await Fleet.Service<UseCaseDirectory>().ResolveAsync(Fleet.Workspace.Id, id, Cancellation))!;
            await using var db = Fleet.Open();
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO events (workspace_id, event_id, use_case_key, event_type, timestamp, received_at, content_hash, image_count, external_id, warnings, custom_metadata, classes, images)
                SELECT {Fleet.Workspace.Id}, 'e' || i, {UseCase.Key}, 'custom', now() - i * interval '1 second', now(), '\x00', 1, 'x-' || i,
                  CASE WHEN i % 5000 = 0 THEN '[]'::jsonb END,
                  jsonb_build_object('line', 'line-' || i % 3, 'shift', CASE WHEN i % 3 = 0 THEN 'a' ELSE 'b' END, 'serial', 's-' || i, 'temp', i % 100),
                  CASE WHEN i % 2000 = 0 THEN '["coin","crack"]'::jsonb WHEN i % 3 = 0 THEN '["coin"]' END,
                  jsonb_build_array(jsonb_build_object('objectDetections', jsonb_build_array(jsonb_build_object('class', 'coin', 'confidence', i % 10 / 10.0))))
                FROM generate_series(1, {Count}) AS i
                """,
                Cancellation);
            await db.Database.ExecuteSqlRawAsync("ANALYZE events", Cancellation);
        }

        public ValueTask DisposeAsync() => Fleet.DisposeAsync();
    }
}
