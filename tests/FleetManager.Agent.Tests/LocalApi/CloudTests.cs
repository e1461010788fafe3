using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.LocalApi;

public sealed class CloudTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Create_AsTheCloudTakesIt_IsStored()
    {
        var (status, body) = await _fixture.PostAsync(
            """
            {"eventId":"e-1","eventType":"quality_check","useCaseId":"line","timestamp":"2026-03-30T14:30:00.5+00:00","eventData":{"result":"UNKNOWN","extra":1},
             "deviceId":"camera","images":[],"customMetadata":{"a":1,"n":null},"comment":"c","fromTheFuture":{"x":[1]},"store":{"epoch":"x","seq":9}}
            """,
            "/vision-events");

        Assert.Equal((201, """{"eventId":"e-1","created":true}"""), (status, body.GetRawText()));
        var stored = (await LeaseAsync()).Event;
        Assert.Equal(("e-1", "line", "camera"), (stored.Id, stored.UseCase, stored.Device));
        Assert.Equal(
            """{"eventType":"quality_check","eventData":{"result":"UNKNOWN","extra":1},"timestamp":"2026-03-30T14:30:00.5Z","comment":"c","customMetadata":{"a":1,"n":null},"fromTheFuture":{"x":[1]}}""",
            Encoding.UTF8.GetString(stored.Body));
    }

    [Fact]
    public async Task Create_WithoutIdAndTime_GetsBoth()
    {
        var (status, body) = await _fixture.PostAsync("""{"eventType":"custom","useCaseId":"line"}""", "/vision-events");

        Assert.Equal(201, status);
        var stored = (await LeaseAsync()).Event;
        Assert.Equal(body.GetProperty("eventId").GetString(), stored.Id);
        Assert.Contains("\"timestamp\":\"2026-01-02T03:04:05Z\"", Encoding.UTF8.GetString(stored.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_StoresAllInOrder()
    {
        var (status, body) = await BatchAsync(Event("a"), Event("b"), Event("a", "again"));

        Assert.Equal((201, """{"created":3,"eventIds":["a","b","a"]}"""), (status, body.GetRawText()));
        Assert.Equal(["a", "b"], (await LeasesAsync()).Select(e => e.Event.Id));
    }

    [Fact]
    public async Task Batch_WithOneFault_StoresNothingAndNamesIt()
    {
        var (status, body) = await BatchAsync(Event("a"), """{"eventType":"custom"}""");

        Assert.Equal(400, status);
        Assert.Equal("events[1].useCaseId is required: the id or the name of a use case", body.GetProperty("error").GetString());
        Assert.Equal(0, _fixture.Stored.Store.Stats().Totals.LastSeq);
    }

    [Fact]
    public async Task Batch_ThatDoesNotFit_IsStoredWhollyOrNotAtAll()
    {
        _fixture.Stored.Limits = _fixture.Stored.Limits with { MaxRecords = 3 };
        Assert.Equal(201, (await BatchAsync(Event("a"), Event("b"))).Status);
        var before = _fixture.Stored.Store.Stats().Totals;

        var (status, body) = await BatchAsync(Event("c"), Event("d"));

        Assert.Equal((529, "capacity_blocked"), (status, body.GetProperty("error").GetString()));
        Assert.Equal(before, _fixture.Stored.Store.Stats().Totals);
        Assert.Equal(201, (await BatchAsync(Event("c"))).Status);
        Assert.Equal([1, 2, 3], (await LeasesAsync()).Select(e => e.Seq));
    }

    [Fact]
    public async Task Repeat_Identical_WritesNothingAlsoWhenFull()
    {
        _fixture.Stored.Limits = _fixture.Stored.Limits with { MaxRecords = 1 };
        await BatchAsync(Event("a"));
        var before = _fixture.Stored.Store.Stats().Totals;

        Assert.Equal(201, (await BatchAsync(Event("a"))).Status);

        Assert.Equal(before, _fixture.Stored.Store.Stats().Totals);
    }

    [Fact]
    public async Task Repeat_OfAPendingEvent_ReplacesItUnderItsNumber()
    {
        await BatchAsync(Event("a", "old"), Event("b"));

        await BatchAsync(Event("a", "new, and longer"));

        var events = await LeasesAsync();
        Assert.Equal([(1L, "a"), (2L, "b")], events.Select(e => (e.Seq, e.Event.Id)));
        Assert.Contains("new", Encoding.UTF8.GetString(events[0].Event.Body), StringComparison.Ordinal);
        await SumsAreTrueAsync();
    }

    [Fact]
    public async Task Repeat_OfAHeldEvent_IsSentUnderANewNumber()
    {
        await BatchAsync(Event("a", "old"));
        await _fixture.Stored.HoldAsync(1);

        await BatchAsync(Event("a", "new"));

        Assert.Equal([2], (await LeasesAsync()).Select(e => e.Seq));
        var stats = _fixture.Stored.Store.Stats();
        Assert.Equal((2, 1, 1, 0, 1), (stats.Totals.LastSeq, stats.BackedUp, stats.Pending, stats.DeclaredLost, stats.Totals.Records));
        await SumsAreTrueAsync();
    }

    [Fact]
    public async Task Repeat_OfAParkedEvent_MakesItPending()
    {
        await BatchAsync(Event("a", "bad"));
        await _fixture.Stored.ParkAsync("nope", 1);

        await BatchAsync(Event("a", "good"));

        Assert.Equal([1], (await LeasesAsync()).Select(e => e.Seq));
        Assert.Equal(0, _fixture.Stored.Store.Stats().Parked);
        await SumsAreTrueAsync();
    }

    [Fact]
    public async Task Repeat_OfAnEventThatIsBeingSent_IsAskedToComeAgain()
    {
        await BatchAsync(Event("a", "old"));
        await _fixture.Stored.LeaseAsync();

        var (status, body) = await BatchAsync(Event("b"), Event("a", "new"));
        Assert.Equal(503, status);
        Assert.Contains("being sent", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, _fixture.Stored.Store.Stats().Totals.LastSeq);

        _fixture.Stored.Store.Release(_fixture.Stored.Store.Epoch, [1]);
        Assert.Equal(201, (await BatchAsync(Event("b"), Event("a", "new"))).Status);
        Assert.Equal([1, 2], await _fixture.Stored.LeaseAsync());
    }

    [Fact]
    public async Task Repeat_OfADraft_TakesItsPlace()
    {
        var id = await _fixture.CreateAsync(""" "draft":true """);

        Assert.Equal(201, (await BatchAsync(Event(id))).Status);

        Assert.Equal((0, 1), (_fixture.Stored.Store.Stats().Totals.Drafts, _fixture.Stored.Store.Stats().Pending));
        Assert.Equal("pending", (await _fixture.GetAsync($"/v2/events/{id}")).Body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Upload_ThenAnEventThatNamesIt_AreOne()
    {
        var (status, answer) = await UploadAsync(Pictures.Jpeg("p"));
        Assert.Equal(201, status);
        var source = answer.GetProperty("sourceId").GetString()!;

        var (created, body) = await BatchAsync(
            $$"""{"eventId":"a","eventType":"custom","useCaseId":"line","images":[{"sourceId":"{{source}}","inputSourceId":"elsewhere","label":"l","keypoints":[{"class":"k","keypoints":[{"id":0,"x":1,"y":2}]}]}]}""");
        Assert.True(created == 201, body.ToString());

        var (_, stored) = await _fixture.GetAsync("/v2/events/a");
        var image = stored.GetProperty("images")[0];
        Assert.Equal((source, "elsewhere"), (image.GetProperty("image_hash").GetString(), image.GetProperty("input_source_id").GetString()));
        Assert.Equal(Pictures.Jpeg("p"), await _fixture.Client.GetByteArrayAsync(new Uri(answer.GetProperty("url").GetString()!), TestContext.Current.CancellationToken));

        // The upload is forgotten after a day; the event's own hold on the picture is not.
        _fixture.Stored.Time.Advance(TimeSpan.FromHours(25));
        await _fixture.Stored.Store.CleanUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, _fixture.Stored.Store.Stats().Totals.Images);
        await _fixture.Stored.HoldAsync(1);
        await _fixture.DeleteAsync("/v2/events/a");
        Assert.Equal((0, 0), (_fixture.Stored.Store.Stats().Totals.Images, _fixture.Stored.Store.Stats().Totals.Bytes));
    }

    [Fact]
    public async Task Upload_ThatNoEventComesFor_IsForgottenAfterADay()
    {
        await UploadAsync(Pictures.Jpeg("p"));
        await UploadAsync(Pictures.Jpeg("p"));
        Assert.Equal(1, _fixture.Stored.Store.Stats().Totals.Images);
        await _fixture.Stored.ReopenAsync();

        _fixture.Stored.Time.Advance(TimeSpan.FromHours(23));
        await _fixture.Stored.Store.CleanUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, _fixture.Stored.Store.Stats().Totals.Images);

        _fixture.Stored.Time.Advance(TimeSpan.FromHours(2));
        await _fixture.Stored.Store.CleanUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (_fixture.Stored.Store.Stats().Totals.Images, _fixture.Stored.Store.Stats().Totals.Bytes));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_fixture.Stored.Folder, "images"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Upload_WithNameAndMetadata_SaysThatTheyAreNotKept()
    {
        using var form = Form(Pictures.Jpeg("p"));
        form.Add(new StringContent("n"), "name");
        form.Add(new StringContent("{}"), "metadata");

        var (status, body) = await UploadAsync(form);

        Assert.Equal((201, 2), (status, body.GetProperty("warnings").GetArrayLength()));
    }

    [Fact]
    public async Task Upload_OfNoImage_Is400()
    {
        Assert.Equal(400, (await UploadAsync("text"u8.ToArray())).Status);
        using var empty = new MultipartFormDataContent { { new StringContent("x"), "other" } };
        Assert.Contains("file is missing", (await UploadAsync(empty)).Body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, (await _fixture.PostAsync("{}", "/vision-events/upload")).Status);
    }

    [Fact]
    public async Task Upload_CutShort_Is400()
    {
        using var cut = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc"u8.ToArray());
        cut.Headers.Add("Content-Type", "multipart/form-data; boundary=b");

        Assert.Equal(400, (await UploadAsync(cut)).Status);
    }

    [Theory]
    [InlineData("""{"eventType":"custom","useCaseId":" "}""", "useCaseId is required")]
    [InlineData("""{"eventType":"other","useCaseId":"a"}""", "eventType is required and must be one of")]
    [InlineData("""{"eventType":"custom","useCaseId":"a","eventData":[]}""", "eventData must be an object")]
    [InlineData("""{"eventType":"inventory_count","useCaseId":"a","eventData":{"itemCount":"3"}}""", "eventData.itemCount must be a whole number")]
    [InlineData("""{"eventType":"custom","useCaseId":"a","timestamp":"soon"}""", "timestamp must be an ISO 8601 time")]
    [InlineData("""{"eventType":"custom","useCaseId":"a","images":[{"sourceId":7}]}""", "images[0].sourceId must be a string")]
    [InlineData("""{"eventType":"custom","useCaseId":"a","other":"\ud800"}""", "other holds a character")]
    [InlineData("""{"eventType":"custom","useCaseId":"a","use_case_id":"b"}""", "is there twice")]
    [InlineData("""[""", "not valid JSON")]
    public async Task BadInput_IsA400InTheCloudsShape(string json, string fault)
    {
        var (status, body) = await _fixture.PostAsync(json, "/vision-events");

        Assert.Equal(400, status);
        Assert.Contains(fault, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_OfMoreThanAHundred_IsRefused() =>
        Assert.Contains("at most 100", (await BatchAsync([.. Enumerable.Range(0, 101).Select(i => Event($"{i}"))])).Body.GetProperty("error").GetString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("Authorization", "Bearer secret", "/vision-events", 201)]
    [InlineData("Authorization", "Bearer wrong", "/vision-events", 401)]
    [InlineData("X-API-Key", "secret", "/vision-events", 201)]
    [InlineData("X-Other", "x", "/vision-events?api_key=secret", 201)]
    [InlineData("Authorization", "Bearer secret", "/v2/events", 401)]
    public async Task Key_ComesAsTheCloudsClientsSendIt(string header, string value, string path, int expected)
    {
        await _fixture.ApplyAsync(_fixture.Settings with { ApiKey = "secret" });
        _fixture.Client.DefaultRequestHeaders.Add(header, value);

        Assert.Equal(expected, (await _fixture.PostAsync(Event("a"), path)).Status);
    }

    private static string Event(string id, string value = "v") =>
        $$"""{"eventId":"{{id}}","eventType":"custom","useCaseId":"line","timestamp":"2026-03-30T14:30:00Z","eventData":{"value":"{{value}}"} }""";

    private static MultipartFormDataContent Form(byte[] image) => new() { { new ByteArrayContent(image), "file", "image.jpg" } };

    private Task<(int Status, JsonElement Body)> BatchAsync(params string[] events) => _fixture.PostAsync($$"""{"events":[{{string.Join(",", events)}}]}""", "/vision-events/batch");

    private async Task<(int Status, JsonElement Body)> UploadAsync(byte[] image)
    {
        using var form = Form(image);
        return await UploadAsync(form);
    }

    private async Task<(int Status, JsonElement Body)> UploadAsync(HttpContent content)
    {
        using var answer = await _fixture.Client.PostAsync(_fixture.Url("/vision-events/upload"), content, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    private async Task<IReadOnlyList<NumberedEvent>> LeasesAsync() =>
        (await _fixture.Stored.Store.LeaseAsync(100, long.MaxValue, FleetManager.Contracts.Settings.BackupOrder.OldestFirst, TestContext.Current.CancellationToken))!.Events;

    private async Task<NumberedEvent> LeaseAsync() => Assert.Single(await LeasesAsync());

    /// <summary>The sums that go with every commit are those that counting gives.</summary>
    private async Task SumsAreTrueAsync()
    {
        var totals = _fixture.Stored.Store.Stats().Totals;
        await using var journal = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_fixture.Stored.Folder, "journal.db")};Pooling=false");
        await journal.OpenAsync(TestContext.Current.CancellationToken);
        await using var count = journal.CreateCommand();
        count.CommandText =
            """
            SELECT count(*), sum(length(body)),
                (SELECT coalesce(sum(length(body)), 0) FROM events WHERE NOT EXISTS (SELECT 1 FROM held WHERE seq BETWEEN first AND last) AND seq NOT IN (SELECT seq FROM parked))
            FROM events
            """;
        await using var row = await count.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        await row.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal((row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), (totals.Records, totals.Bytes, totals.PendingBytes));
    }
}
