using System.IO.Compression;
using System.Net;
using System.Text;
using FleetManager.Contracts.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Bundles;
using FleetManager.Server.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.Events;

/// <summary>JSON bodies that come packed, and what is wrong with some of them.</summary>
public sealed class GzipBodyTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static readonly byte[] s_event = Encoding.UTF8.GetBytes($$"""{"eventType":"custom","useCaseId":"gzip","comment":"{{new string('x', 9000)}}"}""");
    private static readonly byte[] s_packed = Tar.Gzip(s_event, CompressionLevel.Optimal);

    public static TheoryData<string, string, Func<byte[]>, int, string> Bodies { get; } = new()
    {
        { "not packed at all", "gzip", () => s_event, 400, "no whole gzip data" },
        { "nothing", "gzip", () => [], 400, "not valid JSON" },
        { "cut off", "gzip", () => s_packed[..20], 400, "no whole gzip data" },
        { "checksum missing", "gzip", () => s_packed[..^8], 400, "no whole gzip data" },
        { "checksum wrong", "gzip", () => [.. s_packed[..^8], 1, 2, 3, 4, .. s_packed[^4..]], 400, "no whole gzip data" },
        { "bomb", "gzip", () => Tar.GzipRepeated([], new byte[1_000_000], 1000), 413, "larger than 4096 KiB" },
        { "bomb that is too large packed", "gzip", () => Enumerable.Repeat(Tar.Gzip(new byte[1]), 250_000).SelectMany(b => b).ToArray(), 413, "larger than 4096 KiB" },
        { "one byte over the limit", "gzip", () => Tar.Gzip(Encoding.ASCII.GetBytes(new string(' ', EventLimits.EventBodyBytes + 1))), 413, "larger than 4096 KiB" },
        { "packed twice", "gzip, gzip", () => Tar.Gzip(s_packed), 415, "Content-Encoding 'gzip, gzip' can not be read here" },
        { "brotli", "br", () => s_event, 415, "Content-Encoding 'br' can not be read here" },
        { "deflate", "deflate", () => s_event, 415, "Content-Encoding 'deflate' can not be read here" },
        { "broken JSON inside", "gzip", () => Tar.Gzip("{\n oops"u8.ToArray()), 400, "line 2, position 2" },
    };

    [Theory, DatabaseRows(nameof(Bodies))]
    public async Task Body_ThatIsBadlyPacked_IsRefusedAndLeavesNothing(DatabaseKind kind, string name, string encoding, Func<byte[]> body, int status, string reason)
    {
        var (fleet, client) = await ReadyAsync(kind);
        await using var db = fleet.Open();
        var before = await db.Events.CountAsync(TestContext.Current.CancellationToken);

        var answer = await SendAsync(client, "/vision-events", body(), encoding);

        Assert.Equal((name, status), (name, (int)answer.Status));
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, await db.Events.CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, fleet.Service<Features.Events.Ingest.IngestBudget>().Taken);
    }

    [Theory, DatabaseData]
    public async Task Body_Packed_IsReadByEveryJsonRoute(DatabaseKind kind)
    {
        var (fleet, client) = await ReadyAsync(kind);
        var camera = await fleet.AddDeviceAsync();
        using var device = fleet.ClientFor(camera.Secret);

        var table = new (HttpClient Client, string Path, string Body, HttpStatusCode Status)[]
        {
            (client, "/vision-events", Encoding.UTF8.GetString(s_event), HttpStatusCode.Created),
            (client, "/vision-events/batch", $$"""{"events":[{{Encoding.UTF8.GetString(s_event)}}]}""", HttpStatusCode.Created),
            (client, "/vision-events/query", """{"useCaseId":"gzip"}""", HttpStatusCode.OK),
            (client, "/vision-events/use-cases", $$"""{"name":"packed {{kind}}"}""", HttpStatusCode.Created),
            (client, "/api/v1/enrollment-tokens", """{"uses":1}""", HttpStatusCode.Created),
            (device, "/agent/v1/losses", $$"""{"epoch":"{{Guid.NewGuid()}}","losses":[]}""", HttpStatusCode.NoContent),
        };
        foreach (var (caller, path, body, status) in table)
        {
            foreach (var encoding in new[] { "gzip", "x-gzip", "GZIP" })
            {
                var answer = await SendAsync(caller, path, Tar.Gzip(Encoding.UTF8.GetBytes(body.Replace("packed", encoding, StringComparison.Ordinal))), encoding);
                Assert.True(status == answer.Status || path.EndsWith("use-cases", StringComparison.Ordinal) && answer.Status == HttpStatusCode.Conflict, $"{path} {encoding}: {answer.Text}");
            }

            Assert.NotEqual(HttpStatusCode.UnsupportedMediaType, (await SendAsync(caller, path, Encoding.UTF8.GetBytes(body), "identity")).Status);
        }

        Assert.Equal(0, fleet.Service<Features.Events.Ingest.IngestBudget>().Taken);
    }

    [Theory, DatabaseData]
    public async Task Body_OfABatchAtItsLimit_IsReadPacked(DatabaseKind kind)
    {
        var (_, client) = await ReadyAsync(kind);
        var body = """{"events":[{"eventType":"custom","useCaseId":"gzip"}]}""".PadRight(EventLimits.BatchBodyBytes);

        var answer = await SendAsync(client, "/vision-events/batch", Tar.Gzip(Encoding.ASCII.GetBytes(body)), "gzip");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
    }

    [Theory, DatabaseData]
    public async Task Body_WithAByteOrderMark_IsReadByEveryJsonRoute(DatabaseKind kind)
    {
        var (_, client) = await ReadyAsync(kind);

        foreach (var (path, body, status) in new[]
        {
            ("/vision-events", """{"eventType":"custom","useCaseId":"gzip"}""", HttpStatusCode.Created),
            ("/vision-events/batch", """{"events":[]}""", HttpStatusCode.Created),
            ("/vision-events/query", """{"useCaseId":"gzip"}""", HttpStatusCode.OK),
            ("/api/v1/enrollment-tokens", "{}", HttpStatusCode.Created),
        })
        {
            byte[] marked = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(body)];
            Assert.Equal(status, (await client.PostForAnswerAsync(path, new ByteArrayContent(marked))).Status);
            Assert.Equal(status, (await SendAsync(client, path, Tar.Gzip(marked), "gzip")).Status);
        }
    }

    private static Task<Answer> SendAsync(HttpClient client, string path, byte[] body, string encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return client.PostForAnswerAsync(path, content);
    }

    private async Task<(FleetApplication Fleet, HttpClient Client)> ReadyAsync(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        await fleet.Service<Features.UseCases.UseCaseService>().CreateAsync(fleet.Workspace.Id, "gzip", "ann", TestContext.Current.CancellationToken);
        return (fleet, await fleet.KeyClientAsync());
    }
}
