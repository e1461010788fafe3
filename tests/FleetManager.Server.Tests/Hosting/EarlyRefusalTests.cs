using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>What is refused before its body has come, on a bare socket: the answer is early, and the rest is not waited for.</summary>
public sealed class EarlyRefusalTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    public static TheoryData<string, long, string> Routes { get; } = new()
    {
        { "POST /vision-events", 5_000_000, "4096 KiB" },
        { "POST /vision-events/batch", 40_000_000, "32768 KiB" },
        { "POST /vision-events/query", 5_000_000, "4096 KiB" },
        { "POST /vision-events/count", 5_000_000, "4096 KiB" },
        { "POST /vision-events/delete", 5_000_000, "4096 KiB" },
        { "POST /vision-events/use-cases", 100_000, "64 KiB" },
        { "PUT /vision-events/use-cases/x", 100_000, "64 KiB" },
        { "POST /vision-events/upload", 40_000_000, "25 MiB" },
        { "POST /vision-events/bundle", 40_000_000, "25600 KiB" },
        { "POST /agent/v1/enroll", 100_000, "16 KiB" },
        { "POST /api/v1/enrollment-tokens", 100_000, "16 KiB" },
        { "PATCH /api/v1/devices/x", 100_000, "4 KiB" },
        { "PATCH /api/v1/workspace", 100_000, "4 KiB" },
        { "POST /api/v1/api-keys", 100_000, "4 KiB" },
        { "POST /default/devices/v2", 100_000, "64 KiB" },
        { "POST /vision-events", long.MaxValue, "4096 KiB" },
    };

    public static TheoryData<string, int> Broken { get; } = new()
    {
        { "nonsense\r\n\r\n", 400 },
        { "GET / HTTP/9.9\r\n\r\n", 505 },
        { "POST /vision-events HTTP/1.1\r\nContent-Length: 5\r\n\r\n{}", 400 },
        { "POST /vision-events HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n{}", 400 },
        { "POST /vision-events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400 },
        { "GET /vision-events/use-cases?a=" + new string('a', 9000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414 },
        { "GET /vision-events/use-cases HTTP/1.1\r\nHost: x\r\nX-Long: " + new string('a', 40_000) + "\r\n\r\n", 431 },
        { "GET /vision-events/images/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", 401 },
        { "GET /vision-events/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
    };

    [Theory, DatabaseRows(nameof(Routes))]
    public async Task Body_DeclaredOverTheLimit_Is413BeforeItIsSent(DatabaseKind kind, string route, long length, string limit)
    {
        var fleet = await fixture.OnAsync(kind);
        using var connection = await RawConnection.OpenAsync(fleet);

        var type = route.EndsWith("upload", StringComparison.Ordinal) ? "multipart/form-data; boundary=x" : "application/json";

        await connection.SendAsync(
            $"{route} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {await fleet.MintKeyAsync()}\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n{{");

        var answer = await connection.ReadAsync();
        Assert.Equal(413, answer.Status);
        Assert.Contains(limit, (string)JsonNode.Parse(answer.Body)!["error"]!, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer.Head, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Body_ThatNeverEnds_Is413AsSoonAsItIsTooMuch(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var connection = await RawConnection.OpenAsync(fleet);
        await connection.SendAsync(
            $"POST /vision-events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {await fleet.MintKeyAsync()}\r\nTransfer-Encoding: chunked\r\n\r\n");
        var chunk = "100000\r\n" + new string(' ', 0x100000) + "\r\n";

        for (var sent = 0; sent < 5; sent++)
        {
            await connection.SendAsync(chunk);
        }

        Assert.Equal(413, (await connection.ReadAsync()).Status);
        await connection.UntilClosedAsync();
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Body_WithoutAKey_IsNotWaitedFor(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        using var connection = await RawConnection.OpenAsync(fleet);

        await connection.SendAsync("POST /vision-events/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fk_wrong\r\nContent-Length: 30000000\r\n\r\n");

        Assert.Equal(401, (await connection.ReadAsync()).Status);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Body_ThatIsGivenUp_LeavesNothing(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var key = await fleet.MintKeyAsync();
        foreach (var (route, type) in new[] { ("/vision-events", "application/json"), ("/vision-events/upload", "multipart/form-data; boundary=x"), ("/vision-events/bundle", "application/gzip") })
        {
            using var connection = await RawConnection.OpenAsync(fleet);
            await connection.SendAsync(
                $"POST {route} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {type}\r\nContent-Length: 100000\r\n\r\n"
                + "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + new string('a', 1000));
        }

        await Poll.UntilAsync(() => Task.FromResult(fleet.Service<Features.Events.Ingest.IngestBudget>().Taken), taken => taken == 0);
        await Poll.UntilAsync(
            () => Task.FromResult(Directory.GetFiles(Path.Combine(fleet.DataDirectory, "images"), "*", SearchOption.AllDirectories).Length), files => files == 0);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseRows(nameof(Broken))]
    public async Task Request_ThatIsNoHttp_IsRefused(DatabaseKind kind, string request, int status)
    {
        var fleet = await fixture.OnAsync(kind);
        using var connection = await RawConnection.OpenAsync(fleet);

        await connection.SendAsync(request);

        Assert.Equal(status, (await connection.ReadAsync()).Status);
        await Leftovers.AssertNoneAsync(fleet);
    }
}
