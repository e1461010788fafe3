using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>
/// The device calls of the reference's SDK, byte by byte as its HTTP library sends them (vision-events.md 16.1): the key in the query and first, no
/// Authorization header, lists joined by commas and escaped, a new connection for each.
/// </summary>
public sealed class SdkReplayTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    [Theory, DatabaseData]
    public async Task Calls_OfTheSdk_GetTheCodesAndFieldsThatItReads(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        var workspace = await fleet.AddWorkspaceAsync($"acme-{kind}".ToLowerInvariant());
        var key = await fleet.MintKeyAsync(workspace);
        var root = $"/{workspace.Slug}/devices/v2";

        var empty = await GetAsync(fleet, $"{root}?api_key={key}");
        Assert.Equal((200, """{"data":[]}"""), (empty.Status, empty.Body));

        var created = await PostAsync(fleet, $"{root}?api_key={key}", """{"device_name": "cam-1", "device_type": "edge", "tags": ["a", "b"]}""");
        Assert.Equal((201, "application/json"), (created.Status, created.ContentType));
        var id = (string)created.Json["deviceId"]!;
        Assert.NotEmpty((string)created.Json["installId"]!);

        var listed = await GetAsync(fleet, $"{root}?api_key={key}");
        Assert.Equal((id, "cam-1", "unknown", "edge"), Columns(Assert.Single(listed.Json["data"]!.AsArray())!));
        Assert.Equal(id, (string)(await GetAsync(fleet, $"{root}/{id}?api_key={key}")).Json["id"]!);
        Assert.Equal(id, (string)(await GetAsync(fleet, $"{root}/{id}/config?api_key={key}")).Json["device_id"]!);
        Pagination(await GetAsync(fleet, $"{root}/{id}/config/history?api_key={key}&limit=5&cursor=2026-01-01T00%3A00%3A00Z"), 5, "next_cursor", "has_more", "limit");
        Assert.Equal("""{"data":[]}""", (await GetAsync(fleet, $"{root}/{id}/streams?api_key={key}")).Body);
        Assert.Equal(404, (await GetAsync(fleet, $"{root}/{id}/streams/aione?api_key={key}")).Status);
        Pagination(
            await GetAsync(fleet, $"{root}/{id}/logs?api_key={key}&start_time=2026-01-01T00%3A00%3A00%2B00%3A00&service=a%2Cb&severity=INFO%2CERROR&limit=20"),
            20,
            "next_cursor",
            "has_more",
            "limit");
        var telemetry = await GetAsync(fleet, $"{root}/{id}/telemetry?api_key={key}&time_period=1h");
        Assert.Equal(("1h", "2 MINUTE", 30), ((string)telemetry.Json["time_period"]!, (string)telemetry.Json["bucket_interval"]!, telemetry.Json["buckets"]!.AsArray().Count));
        Pagination(
            await GetAsync(fleet, $"{root}/{id}/events?api_key={key}&entity_type=device&event=created&limit=7&direction=forward"), 7, "next_cursor", "prev_cursor", "has_more", "limit");
    }

    [Fact]
    public async Task Refusals_AreThoseThatTheSdkMapsToItsExceptions()
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        var root = DeviceFleets.Root;
        var key = await fleet.MintKeyAsync();
        var unscoped = await fleet.MintKeyAsync("vision-events:read");

        var noKey = await GetAsync(fleet, $"{root}?api_key=nonsense");
        Assert.Equal(401, noKey.Status);
        Assert.NotEmpty((string)noKey.Json["error"]!);
        var noScope = await GetAsync(fleet, $"{root}?api_key={unscoped}");
        Assert.Equal((404, "GraphMethodException"), (noScope.Status, (string)noScope.Json["error"]!["type"]!));
        var noDevice = await GetAsync(fleet, $"{root}/nobody?api_key={key}");
        Assert.Equal((404, "There is no device 'nobody'."), (noDevice.Status, (string)noDevice.Json["error"]!));
        var bad = await GetAsync(fleet, $"{root}/nobody/telemetry?api_key={key}&time_period=2h");
        Assert.Equal(400, bad.Status);

        // Words that make the CLI advertise an upgrade.
        foreach (var answer in new[] { noKey, noScope, noDevice, bad })
        {
            Assert.DoesNotMatch("Unauthorized|require|Enterprise|over_quota", answer.Body);
        }
    }

    private static (string, string, string, string) Columns(JsonNode device) =>
        ((string)device["id"]!, (string)device["name"]!, (string)device["status"]!, (string)device["type"]!);

    private static void Pagination(Reply reply, int limit, params string[] members)
    {
        Assert.Equal(200, reply.Status);
        Assert.Equal(["data", "pagination"], reply.Json.AsObject().Select(m => m.Key));
        Assert.Equal(members, reply.Json["pagination"]!.AsObject().Select(m => m.Key));
        Assert.Equal(limit, (int)reply.Json["pagination"]!["limit"]!);
    }

    private static Task<Reply> GetAsync(FleetApplication fleet, string target) => SendAsync(
        fleet,
        $"GET {target} HTTP/1.1\r\nHost: {fleet.Address.Authority}\r\nUser-Agent: python-requests/2.32.5\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n");

    private static Task<Reply> PostAsync(FleetApplication fleet, string target, string json) => SendAsync(
        fleet,
        $"POST {target} HTTP/1.1\r\nHost: {fleet.Address.Authority}\r\nUser-Agent: python-requests/2.32.5\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\n"
        + $"Content-Length: {json.Length.ToString(CultureInfo.InvariantCulture)}\r\nContent-Type: application/json\r\n\r\n{json}");

    private static async Task<Reply> SendAsync(FleetApplication fleet, string request)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(fleet.Address.Host, fleet.Address.Port, cancellation);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancellation);
        using var reader = new StreamReader(stream, Encoding.Latin1);

        var status = int.Parse((await reader.ReadLineAsync(cancellation))!.Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(cancellation) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var body = headers.TryGetValue("Content-Length", out var length)
            ? await ReadAsync(reader, int.Parse(length, CultureInfo.InvariantCulture))
            : await ReadChunksAsync(reader);
        return new Reply(status, headers["Content-Type"].Split(';')[0], Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(body)));
    }

    private static async Task<string> ReadChunksAsync(StreamReader reader)
    {
        var body = new StringBuilder();
        while (int.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            body.Append(await ReadAsync(reader, size));
            await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }

        return body.ToString();
    }

    private static async Task<string> ReadAsync(StreamReader reader, int length)
    {
        var buffer = new char[length];
        Assert.Equal(length, await reader.ReadBlockAsync(buffer, TestContext.Current.CancellationToken));
        return new string(buffer);
    }

    private sealed record Reply(int Status, string ContentType, string Body)
    {
        public JsonNode Json => JsonNode.Parse(Body)!;
    }
}
