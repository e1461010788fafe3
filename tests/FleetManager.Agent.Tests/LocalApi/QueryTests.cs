using System.Text.Json;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.Data.Sqlite;

namespace FleetManager.Agent.Tests.LocalApi;

public sealed class QueryTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("solution=a", "1")]
    [InlineData("device_id=camera&solution=a", "1")]
    [InlineData("device_id=camera&solution=b", "")]
    [InlineData("stream_id=s1", "2")]
    [InlineData("workflow_id=w", "3")]
    [InlineData("event_schema=quality_check", "2,1")]
    [InlineData("external_id=SN-2", "2")]
    [InlineData("start_time=2026-03-30T14:30:00.1Z", "3,2")]
    [InlineData("start_time=2026-03-30T14:30:00Z&end_time=2026-03-30T14:31:00Z", "2,1")]
    [InlineData("start_time=2026-03-30T16:30:00%2B02:00&end_time=2026-03-30T14:30:00.1Z", "1")]
    [InlineData("status=pending", "3,2")]
    [InlineData("status=backed_up", "1")]
    [InlineData("status=parked&event_schema=inventory_count", "")]
    [InlineData("status=pending&event_schema=inventory_count", "3")]
    [InlineData("", "3,2,1")]
    public async Task Filters_FindAndCountTheSame(string filters, string expected)
    {
        await _fixture.CreateAsync(""" "solution":"a","device_id":"camera" """, "quality_check", """{"externalId":"SN-1"}""");
        await _fixture.CreateAsync(""" "solution":"b","streamId":"s1" """, "quality_check", """{"externalId":"SN-2"}""", "2026-03-30T14:30:00.5Z");
        await _fixture.CreateAsync(""" "workflow_id":"w" """, "inventory_count", """{"itemCount":3}""", "2026-03-30T14:35:00Z");
        await _fixture.Stored.HoldAsync(1);
        var (status, found) = await _fixture.GetAsync($"/v2/events/latest/query?limit=100&{filters}");
        var (_, counted) = await _fixture.GetAsync($"/v2/events/count?{filters}");

        Assert.Equal(200, status);
        Assert.Equal(expected, string.Join(",", found.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("seq").GetInt32())));
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Length, counted.GetProperty("count").GetInt32());
        Assert.Equal((JsonValueKind.Null, false), (found.GetProperty("next_cursor").ValueKind, found.GetProperty("has_more").GetBoolean()));
    }

    [Fact]
    public async Task Pages_WhileEventsArrive_MissNoneAndRepeatNone()
    {
        await _fixture.Stored.AcceptAsync(7);
        var (seen, cursor) = (new List<long>(), (string?)null);
        do
        {
            var (_, page) = await _fixture.GetAsync("/v2/events/latest/query?limit=3" + (cursor is null ? "" : "&cursor=" + cursor));
            seen.AddRange(page.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("seq").GetInt64()));
            cursor = page.GetProperty("next_cursor").GetString();
            await _fixture.Stored.AcceptAsync(1);
        }
        while (cursor is not null);

        Assert.Equal([7, 6, 5, 4, 3, 2, 1], seen);
    }

    [Fact]
    public async Task LargeEvents_AreNotAllInOneAnswer()
    {
        var large = string.Join(",", Enumerable.Range(0, 30_000).Select(_ => """{"class":"a","x":1,"y":1,"width":1,"height":1,"confidence":0.5}"""));
        for (var i = 0; i < 6; i++)
        {
            await _fixture.CreateAsync($$""" "images":[{"objectDetections":[{{large}}]}] """);
        }

        var (_, page) = await _fixture.GetAsync("/v2/events/latest/query?limit=1000");

        Assert.InRange(page.GetProperty("events").GetArrayLength(), 1, 5);
        Assert.True(page.GetProperty("has_more").GetBoolean());
    }

    [Fact]
    public async Task Get_TellsWhereTheEventStands()
    {
        var id = await _fixture.CreateAsync();
        var draft = await _fixture.CreateAsync(""" "draft":true """);
        Assert.Equal("pending", await StatusAsync(id));
        Assert.Equal("draft", await StatusAsync(draft));

        await _fixture.Stored.ParkAsync("nope", 1);
        Assert.Equal("parked", await StatusAsync(id));
        await _fixture.Stored.HoldAsync(1);
        Assert.Equal("backed_up", await StatusAsync(id));

        Assert.Equal(404, (await _fixture.GetAsync("/v2/events/none")).Status);
    }

    [Fact]
    public async Task Image_OfAnEvent_IsGivenBack()
    {
        var id = await _fixture.CreateAsync($$""" "images":[{"base64Image":"{{Pictures.Base64("p")}}"}] """);
        var (_, stored) = await _fixture.GetAsync($"/v2/events/{id}");
        var hash = stored.GetProperty("images")[0].GetProperty("image_hash").GetString();

        using var answer = await _fixture.Client.GetAsync(_fixture.Url($"/v2/images/{hash}"), TestContext.Current.CancellationToken);

        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Pictures.Jpeg("p"), await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/v2/images/..%2f..%2fjournal.db")]
    [InlineData("/v2/images/journal.db")]
    [InlineData("/v2/images/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Image_ThatIsNone_Is404(string path) => Assert.Equal(404, (await _fixture.GetAsync(path)).Status);

    [Theory]
    [InlineData("/v2/events/latest/query?limit=0", "limit must be")]
    [InlineData("/v2/events/latest/query?limit=x", "limit must be")]
    [InlineData("/v2/events/latest/query?cursor=-1", "cursor must be")]
    [InlineData("/v2/events/latest/query?cursor=99999999999999999999", "cursor must be")]
    [InlineData("/v2/events/latest/query?solutoin=a", "solutoin is not known")]
    [InlineData("/v2/events/latest/query?solution=a&solution=b", "solution must be there once")]
    [InlineData("/v2/events/latest/query?start_time=yesterday", "start_time must be an ISO 8601 time")]
    [InlineData("/v2/events/latest/query?event_schema=other", "event_schema must be one of")]
    [InlineData("/v2/events/count?status=lost", "status must be one of")]
    [InlineData("/v2/events/count?limit=1", "limit is not known")]
    [InlineData("/v2/drafts?cursor=x", "cursor must be")]
    [InlineData("/v2/parked?limit=1001", "limit must be")]
    [InlineData("/v2/stats/history?window=2d", "window must be one of 1h, 24h, 7d, 14d")]
    public async Task BadParameter_IsNamed(string path, string fault)
    {
        var (status, body) = await _fixture.GetAsync(path);

        Assert.Equal(422, status);
        Assert.Contains(fault, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_WhileTheWriterIsBusy_DoNotWait()
    {
        await _fixture.Stored.AcceptAsync(3);
        await using var writer = new SqliteConnection($"Data Source={Path.Combine(_fixture.Stored.Folder, "journal.db")};Pooling=false");
        await writer.OpenAsync(TestContext.Current.CancellationToken);
        var transaction = writer.BeginTransaction(deferred: false);
        var waiting = _fixture.CreateAsync();

        Assert.Equal(200, (await _fixture.GetAsync("/v2/events/latest/query")).Status);
        Assert.Equal(3, (await _fixture.GetAsync("/v2/events/count?solution=line")).Body.GetProperty("count").GetInt32());
        Assert.Equal(200, (await _fixture.GetAsync("/v2/stats")).Status);
        Assert.False(waiting.IsCompleted);

        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        await waiting;
    }

    private async Task<string?> StatusAsync(string id) => (await _fixture.GetAsync($"/v2/events/{id}")).Body.GetProperty("status").GetString();
}
