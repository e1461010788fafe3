using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.LocalApi;

/// <summary>Deleting and giving up: whatever the server did not hold becomes a declared loss (design 6).</summary>
public sealed class ParkedTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Delete_OfWhatTheServerHolds_LosesNothing()
    {
        var id = await _fixture.CreateAsync();
        await _fixture.Stored.HoldAsync(1);

        var (status, body) = await _fixture.DeleteAsync($"/v2/events/{id}");

        Assert.Equal((200, false), (status, body.GetProperty("declared_lost").GetBoolean()));
        Assert.Equal("", Losses());
        Add(issued: 1, held: 1);
    }

    [Fact]
    public async Task Delete_OfWhatTheServerDoesNotHold_IsADeclaredLoss()
    {
        await _fixture.CreateAsync($$""" "images":[{"base64Image":"{{Pictures.Base64("p")}}"}] """);
        var id = await _fixture.CreateAsync($$""" "images":[{"base64Image":"{{Pictures.Base64("q")}}"}] """);

        var (status, body) = await _fixture.DeleteAsync($"/v2/events/{id}");

        Assert.Equal((200, true), (status, body.GetProperty("declared_lost").GetBoolean()));
        Assert.Equal("2-2 operator", Losses());
        Assert.Equal(404, (await _fixture.GetAsync($"/v2/events/{id}")).Status);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_fixture.Stored.Folder, "images"), "*", SearchOption.AllDirectories));
        Add(issued: 2, pending: 1, lost: 1);
    }

    [Fact]
    public async Task Delete_OfWhatIsBeingSent_WaitsForTheAnswer()
    {
        var id = await _fixture.CreateAsync();
        await _fixture.Stored.LeaseAsync();

        Assert.Equal(409, (await _fixture.DeleteAsync($"/v2/events/{id}")).Status);
        Add(issued: 1, pending: 1);

        await _fixture.Stored.HoldAsync(1);
        Assert.Equal(200, (await _fixture.DeleteAsync($"/v2/events/{id}")).Status);
        Assert.Equal("", Losses());
    }

    [Fact]
    public async Task Delete_OfADraft_IsNoLoss()
    {
        var id = await _fixture.CreateAsync($$""" "draft":true,"images":[{"base64Image":"{{Pictures.Base64("p")}}"}] """);

        Assert.Equal(200, (await _fixture.DeleteAsync($"/v2/events/{id}")).Status);

        var totals = _fixture.Stored.Store.Stats().Totals;
        Assert.Equal((0L, 0L, 0L, 0L), (totals.Drafts, totals.Bytes, totals.Images, totals.UnsentBytes));
        Add(issued: 0);
    }

    [Fact]
    public async Task DeleteMany_TellsWhatBecameOfEach()
    {
        var (held, leased, pending) = (await _fixture.CreateAsync(), await _fixture.CreateAsync(), await _fixture.CreateAsync());
        await _fixture.Stored.LeaseAsync(2);
        await _fixture.Stored.HoldAsync(1);

        var (_, body) = await _fixture.PostAsync($$"""{"ids":["{{held}}","{{leased}}","{{pending}}","none"]}""", "/v2/events/delete");

        Assert.Equal((2, 1), (body.GetProperty("deleted").GetInt32(), body.GetProperty("declared_lost").GetInt32()));
        Assert.Equal("none", Assert.Single(body.GetProperty("not_found").EnumerateArray()).GetString());
        Assert.Equal(leased, Assert.Single(body.GetProperty("busy").EnumerateArray()).GetString());
        Add(issued: 3, held: 1, pending: 1, lost: 1);
    }

    [Fact]
    public async Task Parked_IsListedWithItsReasons()
    {
        for (var i = 0; i < 3; i++)
        {
            await _fixture.CreateAsync();
        }

        await _fixture.Stored.ParkAsync("use_case_unknown", 1, 3);
        await _fixture.Stored.ParkAsync("too_old", 2);

        var (_, all) = await _fixture.GetAsync("/v2/parked?limit=2");
        Assert.Equal(3, all.GetProperty("parked_records").GetInt32());
        Assert.Equal([1, 2], all.GetProperty("parked").EnumerateArray().Select(p => p.GetProperty("seq").GetInt32()));
        Assert.Equal("because", all.GetProperty("parked")[0].GetProperty("message").GetString());
        var (_, rest) = await _fixture.GetAsync("/v2/parked?limit=2&cursor=" + all.GetProperty("next_cursor").GetString());
        Assert.Equal(3, Assert.Single(rest.GetProperty("parked").EnumerateArray()).GetProperty("seq").GetInt32());
        var (_, one) = await _fixture.GetAsync("/v2/parked?code=too_old");
        Assert.Equal(2, Assert.Single(one.GetProperty("parked").EnumerateArray()).GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task Retry_OfOneReason_MakesItPending()
    {
        await _fixture.CreateAsync();
        var id = await _fixture.CreateAsync();
        await _fixture.Stored.ParkAsync("a", 1);
        await _fixture.Stored.ParkAsync("b", 2);

        Assert.Equal(1, (await _fixture.PostAsync("""{"code":"a"}""", "/v2/parked/retry")).Body.GetProperty("retried").GetInt32());
        Add(issued: 2, pending: 1, parked: 1);

        var (_, body) = await _fixture.PostAsync($$"""{"ids":["{{id}}","none"]}""", "/v2/parked/retry");
        Assert.Equal((1, 1), (body.GetProperty("retried").GetInt32(), body.GetProperty("not_found").GetArrayLength()));
        Add(issued: 2, pending: 2);
        Assert.Equal([1, 2], await _fixture.Stored.LeaseAsync());
    }

    [Fact]
    public async Task Discard_IsADeclaredLossThatSurvivesARestart()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await _fixture.CreateAsync());
        }

        await _fixture.Stored.ParkAsync("a", 1, 2, 4);
        await _fixture.Stored.ParkAsync("b", 5);

        var (_, byId) = await _fixture.PostAsync($$"""{"ids":["{{ids[4]}}","{{ids[2]}}"]}""", "/v2/parked/discard");
        Assert.Equal((1, ids[2]), (byId.GetProperty("discarded").GetInt32(), byId.GetProperty("not_found")[0].GetString()));
        Assert.Equal(3, (await _fixture.PostAsync("""{"code":"a"}""", "/v2/parked/discard")).Body.GetProperty("discarded").GetInt32());

        Assert.Equal("1-2 operator, 4-4 operator, 5-5 operator", Losses());
        Add(issued: 5, pending: 1, lost: 4);
        await _fixture.Stored.ReopenAsync();
        Add(issued: 5, pending: 1, lost: 4);
        Assert.Equal(1, _fixture.Stored.Store.Stats().Totals.Records);
    }

    [Fact]
    public async Task Discard_OfAll_GoesInSlices()
    {
        await _fixture.Stored.AcceptAsync(1200);
        await _fixture.Stored.ParkAsync("a", [.. Enumerable.Range(1, 1200).Select(n => (long)n)]);

        Assert.Equal(1200, (await _fixture.PostAsync("""{"all":true}""", "/v2/parked/discard")).Body.GetProperty("discarded").GetInt32());

        Assert.Equal("1-1200 operator", Losses());
        Assert.Equal(0, _fixture.Stored.Store.Stats().Totals.Bytes);
    }

    [Theory]
    [InlineData("{}", 422, "must say which parked events")]
    [InlineData("""{"all":false}""", 422, "must say which parked events")]
    [InlineData("""{"all":true,"code":"a"}""", 422, "must say which parked events")]
    [InlineData("""{"ids":[]}""", 422, "ids must be an array of 1 to 1000")]
    [InlineData("""{"ids":[1]}""", 422, "ids[0] must be a string")]
    [InlineData("""{"ids":[null]}""", 422, "ids[0] must be a string")]
    [InlineData("", 400, "not valid JSON")]
    public async Task Choice_ThatIsNone_DiscardsNothing(string json, int expected, string fault)
    {
        await _fixture.CreateAsync();
        await _fixture.Stored.ParkAsync("a", 1);

        var (status, body) = await _fixture.PostAsync(json, "/v2/parked/discard");

        Assert.Equal(expected, status);
        Assert.Contains(fault, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Add(issued: 1, parked: 1);
    }

    private string Losses() => string.Join(", ", _fixture.Stored.Store.UnreportedLosses(10).Select(l => $"{l.From}-{l.Through} {l.Reason}"));

    private void Add(long issued, long held = 0, long pending = 0, long parked = 0, long lost = 0)
    {
        var stats = _fixture.Stored.Store.Stats();
        Assert.Equal((issued, held, pending, parked, lost), (stats.Totals.LastSeq, stats.BackedUp, stats.Pending, stats.Parked, stats.DeclaredLost));
        Assert.Equal(issued, held + pending + parked + lost);
    }
}
