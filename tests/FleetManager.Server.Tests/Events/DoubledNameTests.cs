using System.Net;
using System.Text.Json;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Images;

namespace FleetManager.Server.Tests.Events;

/// <summary>A sender may use words that answers use too: no answer says one word twice.</summary>
public sealed class DoubledNameTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    [Theory, DatabaseData]
    public async Task Field_ThatAnswersWriteThemselves_IsNotThereTwice(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Doubled");
        using var client = await fleet.KeyClientAsync();
        var plain = $$"""{"eventType":"custom","useCaseId":"{{useCase}}","comment":"c","deviceId":"d","eventData":{"unknown":1}""";
        Assert.Equal(HttpStatusCode.Created, (await client.PostJsonAsync("/vision-events", plain + "}")).Status);
        var first = await QueryAsync(client, useCase);

        // Every word of an answer that is no field of an event, so that no later word is forgotten here.
        var words = first[0].EnumerateObject().Select(p => p.Name).Where(n => !plain.Contains($"\"{n}\"", StringComparison.Ordinal))
            .Except(["eventId", "timestamp", "images", "customMetadata"]).ToList();
        Assert.Contains("warnings", words);
        var doubled = await client.PostJsonAsync("/vision-events", $"{plain},{string.Join(',', words.Select(w => $"\"{w}\":\"mine\""))},\"other\":\"mine\"}}");

        Assert.Equal(HttpStatusCode.Created, doubled.Status);
        foreach (var found in await QueryAsync(client, useCase))
        {
            var names = found.EnumerateObject().Select(p => p.Name).ToList();
            Assert.Equal(names.Distinct(), names);
        }

        var stored = (await QueryAsync(client, useCase)).Single(e => e.TryGetProperty("other", out _));
        Assert.Equal("mine", stored.GetProperty("other").GetString());
        Assert.Contains(stored.GetProperty("warnings").EnumerateArray(), w => w.GetProperty("code").GetString() == "reserved_field" && w.GetProperty("path").GetString() == "warnings");
    }

    [Theory, DatabaseData]
    public async Task Image_ReadHereAndSentAgain_HasEachAddressOnce(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Again");
        using var client = await fleet.KeyClientAsync();
        var picture = Pictures.Jpeg();
        await client.PostForAnswerAsync("/vision-events/upload", Pictures.Upload(picture));
        var ours = $$"""{"url":"http://elsewhere/a","sourceId":"{{Pictures.SourceIdOf(picture)}}","inputUrl":"http://elsewhere/b"}""";

        var answer = await client.PostJsonAsync("/vision-events", $$"""{"eventType":"custom","useCaseId":"{{useCase}}","images":[{{ours}}]}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var image = Assert.Single(await QueryAsync(client, useCase)).GetProperty("images")[0];
        var members = image.EnumerateObject().ToList();
        Assert.Equal(members.Select(m => m.Name).Distinct(), members.Select(m => m.Name));
        Assert.StartsWith(fleet.Address.ToString(), image.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Equal("http://elsewhere/b", image.GetProperty("inputUrl").GetString());
    }

    /// <summary>As a document, which keeps a name that is there twice.</summary>
    private static async Task<IReadOnlyList<JsonElement>> QueryAsync(HttpClient client, string useCase) =>
        [.. JsonElement.Parse((await client.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{useCase}}"}""")).Text).GetProperty("events").EnumerateArray()];
}
