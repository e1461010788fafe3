using System.Data.Common;
using FleetManager.Data.Rollups;
using FleetManager.Data.Tests.Databases;

namespace FleetManager.Data.Tests.Rollups;

public sealed class FacetRollupTests
{
    private static readonly DateTimeOffset s_day = RollupFixture.Day;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Count_EventWithEverything_TextsAndBooleansOnly(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(
            fixture.Row("1", s_day, more: e =>
            {
                (e.DeviceId, e.StreamId, e.WorkflowId, e.Feedback) = ("cam", "s", "w", "correct");
                e.EventData = """{"result":"pass","location":"dock","itemType":{"no":"text"},"itemCount":3,"severity":5,"externalId":"x"}""";
                e.CustomMetadata = """{"line":"1","ok":true,"not ok":false,"temperature":21.5,"truth":"true"}""";
                e.Classes = JsonText.ArrayOf(["a\"b", "dent"]);
            }),
            fixture.Row("2", s_day.AddDays(1).AddTicks(-10), more: e => e.CustomMetadata = """{"line":"1","ok":"true"}"""),
            fixture.Row("3", s_day.AddDays(1)));

        await fixture.CountAsync();

        Assert.Equal(
            [
                new("20 class Text a\"b", 1), new("20 class Text dent", 1), new("20 customMetadata.line Text 1", 2),
                new("20 customMetadata.not ok Boolean false", 1), new("20 customMetadata.ok Boolean true", 1), new("20 customMetadata.ok Text true", 1),
                new("20 customMetadata.truth Text true", 1), new("20 deviceId Text cam", 1), new("20 feedback Text correct", 1),
                new("20 location Text dock", 1), new("20 result Text pass", 1), new("20 streamId Text s", 1), new("20 workflowId Text w", 1),
            ],
            await fixture.FacetsAsync());
    }

    [Theory, DatabaseData]
    public async Task Count_TooManyAndTooLongValues_AreSummedAsOther(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        // Text that no compression makes small: an index entry of it would not fit on a page.
        var random = new Random(1);
        var longText = string.Concat(Enumerable.Range(0, 1000).Select(_ => char.ConvertFromUtf32(0x4E00 + random.Next(20_000))));
        await WriteManyAsync(fixture, FacetFields.MaxValues + 20, i => $$"""{"serial":"{{i:d4}}","line":"1"}""");
        await fixture.WriteAsync(
            fixture.Row("often", s_day, more: e => e.CustomMetadata = """{"serial":"1015"}"""),
            fixture.Row("long", s_day, more: e => e.CustomMetadata = $$"""{"serial":"{{longText}}"}"""));

        await fixture.CountAsync();

        var facets = await fixture.FacetsAsync();
        Assert.Equal(21, facets["20 customMetadata.serial Other "]);
        Assert.Equal(2, facets["20 customMetadata.serial Text 1015"]);
        Assert.Equal(FacetFields.MaxValues, facets.Keys.Count(k => k.StartsWith("20 customMetadata.serial Text", StringComparison.Ordinal)));
        Assert.Equal(FacetFields.MaxValues + 20, facets["20 customMetadata.line Text 1"]);
    }

    [Theory, DatabaseData]
    public async Task Count_TooManyKeys_RarestAreSummed(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await WriteManyAsync(fixture, FacetFields.MaxKeys + 5, i => $$"""{"key{{i:d3}}":"x","common":true}""");

        await fixture.CountAsync();

        var facets = await fixture.FacetsAsync();
        Assert.Equal(FacetFields.MaxKeys + 5, facets["20 customMetadata.common Boolean true"]);
        Assert.Equal(6, facets["20 customMetadata Other "]);
        Assert.Equal(FacetFields.MaxKeys + 1, facets.Count);
    }

    [Theory, DatabaseData]
    public async Task Count_AfterOverwriteAndDelete_NothingOldIsLeft(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", s_day, more: e => e.DeviceId = "a"), fixture.Row("2", s_day, more: e => e.DeviceId = "a"));
        await fixture.CountAsync();

        await fixture.WriteAsync(fixture.Row("1", s_day, more: e => e.DeviceId = "b"));
        await fixture.CountAsync();
        Assert.Equal([new("20 deviceId Text a", 1), new("20 deviceId Text b", 1)], await fixture.FacetsAsync());
        await fixture.Retention.DeleteAsync(fixture.UseCaseKey, s_day, s_day.AddHours(1), Cancellation);
        await fixture.CountAsync();

        Assert.Empty(await fixture.FacetsAsync());
    }

    [Theory, DatabaseData]
    public async Task Count_CrashInTheMiddle_DayWaits(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        await fixture.WriteAsync(fixture.Row("1", s_day, more: e => e.DeviceId = "a"));
        await fixture.Hours.CountAsync(await fixture.Hours.WaitingAsync(10, Cancellation), Cancellation);
        var day = new UseCaseTime(fixture.UseCaseKey, s_day);

        foreach (var table in new[] { "event_facets", "facet_days" })
        {
            await using var broken = await fixture.BreakAsync(table);
            await Assert.ThrowsAnyAsync<DbException>(() => fixture.Facets.CountAsync(day, s_day, Cancellation));
            Assert.Equal([day], await fixture.Facets.WaitingAsync(s_day, 10, Cancellation));
        }

        await fixture.CountAsync();
        Assert.Equal([new("20 deviceId Text a", 1)], await fixture.FacetsAsync());
    }

    [Theory, DatabaseData]
    public async Task Waiting_DayJustCounted_WaitsForItsTurn(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        var day = new UseCaseTime(fixture.UseCaseKey, s_day);
        await fixture.WriteAsync(fixture.Row("1", s_day));
        await fixture.CountAsync();
        Assert.Empty(await fixture.Facets.WaitingAsync(s_day.AddDays(1), 10, Cancellation));

        await fixture.WriteAsync(fixture.Row("2", s_day));
        await fixture.Hours.CountAsync(await fixture.Hours.WaitingAsync(10, Cancellation), Cancellation);

        Assert.Empty(await fixture.Facets.WaitingAsync(s_day, 10, Cancellation));
        Assert.Equal([day], await fixture.Facets.WaitingAsync(s_day.AddSeconds(1), 10, Cancellation));
    }

    [Theory, DatabaseData]
    public async Task Read_TopOfSeveralDays_RestIsOther(DatabaseKind kind)
    {
        await using var fixture = await RollupFixture.CreateAsync(kind);
        var devices = new[] { "a", "a", "b", "c", "b", "b" };
        await fixture.WriteAsync(
            [.. devices.Select((d, i) => fixture.Row($"{i}", s_day.AddDays(i % 2), more: e => (e.DeviceId, e.StreamId) = (d, "s")))]);
        await fixture.CountAsync();

        var one = await fixture.Counts.FacetsAsync(fixture.UseCaseKey, [s_day, s_day.AddDays(1)], "deviceId", 2, Cancellation);
        var all = await fixture.Counts.FacetsAsync(fixture.UseCaseKey, [s_day], null, 1, Cancellation);

        Assert.Equal(
            [new("deviceId", FacetKind.Text, "b", 3), new("deviceId", FacetKind.Text, "a", 2), new("deviceId", FacetKind.Other, "", 1)], one);
        Assert.Equal(
            [new("deviceId", FacetKind.Text, "b", 2), new("deviceId", FacetKind.Other, "", 1), new("streamId", FacetKind.Text, "s", 3)],
            all.OrderBy(f => f.Field, StringComparer.Ordinal).ThenBy(f => f.Kind));
    }

    private static Task<IReadOnlyList<Data.Events.WriteResult>> WriteManyAsync(RollupFixture fixture, int count, Func<int, string> metadata) => fixture.WriteAsync(
        [.. Enumerable.Range(0, count).Select(i => fixture.Row($"{i}", s_day, more: e => e.CustomMetadata = metadata(i)))]);
}
