using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.LocalApi;

public sealed class DraftTests : IAsyncLifetime
{
    private ApiFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Images_AttachedToADraft_GoWithIt()
    {
        var id = await _fixture.CreateAsync($$""" "draft":true,"images":[{"base64Image":"{{Pictures.Base64("a")}}"}] """);

        Assert.Equal(200, (await AttachAsync(id, Pictures.Base64("b"))).Status);
        Assert.Equal(200, (await AttachAsync(id, Pictures.Base64("a"))).Status);
        Assert.Equal((0, 2), (_fixture.Stored.Store.Stats().Pending, _fixture.Stored.Store.Stats().Totals.Images));
        Assert.Equal(200, (await _fixture.PostAsync("", $"/v2/events/{id}/finalize")).Status);

        var (_, stored) = await _fixture.GetAsync($"/v2/events/{id}");
        Assert.Equal(("pending", 3), (stored.GetProperty("status").GetString(), stored.GetProperty("images").GetArrayLength()));
        var lease = await _fixture.Stored.LeaseAsync();
        Assert.Equal([1], lease);
    }

    [Fact]
    public async Task Draft_WithoutImages_TakesItsFirst()
    {
        var id = await _fixture.CreateAsync(""" "draft":true """);

        Assert.Equal(200, (await AttachAsync(id, Pictures.Base64("a"))).Status);

        Assert.Equal(1, (await _fixture.GetAsync($"/v2/events/{id}")).Body.GetProperty("images").GetArrayLength());
    }

    [Fact]
    public async Task Attached_SurvivesARestart()
    {
        var id = await _fixture.CreateAsync(""" "draft":true """);
        await AttachAsync(id, Pictures.Base64("a"));
        var before = _fixture.Stored.Store.Stats().Totals;

        await _fixture.Stored.ReopenAsync();

        Assert.Equal(before, _fixture.Stored.Store.Stats().Totals);
        Assert.Equal(1, before.Drafts);
    }

    [Fact]
    public async Task Attach_ToWhatIsNoDraft_IsToldApart()
    {
        var id = await _fixture.CreateAsync();

        Assert.Equal(409, (await AttachAsync(id, Pictures.Base64("a"))).Status);
        Assert.Equal(404, (await AttachAsync("none", Pictures.Base64("a"))).Status);
        Assert.Equal(0, _fixture.Stored.Store.Stats().Totals.Images);
    }

    [Fact]
    public async Task Attach_MoreThanAnEventMayHave_IsRefused()
    {
        var id = await _fixture.CreateAsync(""" "draft":true,"images":[{"label":"first"}] """);

        var (status, body) = await _fixture.PostAsync($$"""{"images":[{{string.Join(",", Enumerable.Repeat("{}", 100))}}]}""", $"/v2/events/{id}/images");

        Assert.Equal(422, status);
        Assert.Contains("may have 100", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "images must be an array")]
    [InlineData("""{"images":[{"base64Image":"aGVsbG8="}]}""", "images[0].base64Image is not an image")]
    public async Task Attach_BadInput_NamesTheFault(string json, string fault)
    {
        var id = await _fixture.CreateAsync(""" "draft":true """);

        var (status, body) = await _fixture.PostAsync(json, $"/v2/events/{id}/images");

        Assert.Equal(422, status);
        Assert.Contains(fault, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_WhenFull_Is529AndLeavesNoFile()
    {
        var id = await _fixture.CreateAsync(""" "draft":true """);
        _fixture.Stored.Limits = _fixture.Stored.Limits with { MaxBytes = 100 };

        Assert.Equal(529, (await AttachAsync(id, Pictures.Base64(new string('x', 1000)))).Status);

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_fixture.Stored.Folder, "images"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Drafts_AreListedInPagesOldestFirst()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await _fixture.CreateAsync(""" "draft":true """));
            _fixture.Stored.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var (_, page) = await _fixture.GetAsync($"/v2/drafts?limit=2{cursor}");
            seen.AddRange(page.GetProperty("drafts").EnumerateArray().Select(d => d.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? "&cursor=" + next : null;
        }
        while (cursor is not null);

        Assert.Equal<string>(ids, seen);
    }

    [Fact]
    public async Task Draft_IsNeitherCleanedUpNorCounted()
    {
        await _fixture.CreateAsync(""" "draft":true """);
        _fixture.Stored.Time.Advance(TimeSpan.FromDays(400));

        Assert.Equal(200, (await _fixture.PostAsync("", "/v2/cleanup")).Status);

        Assert.Equal(1, _fixture.Stored.Store.Stats().Totals.Drafts);
        Assert.Equal(0, (await _fixture.GetAsync("/v2/events/count")).Body.GetProperty("count").GetInt32());
    }

    private Task<(int Status, System.Text.Json.JsonElement Body)> AttachAsync(string id, string base64) =>
        _fixture.PostAsync($$"""{"images":[{"base64Image":"{{base64}}"}]}""", $"/v2/events/{id}/images");
}
