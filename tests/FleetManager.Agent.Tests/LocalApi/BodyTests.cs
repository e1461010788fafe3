using System.Net;
using System.Net.Sockets;
using System.Text;
using FleetManager.Agent.Tests.Fakes;

namespace FleetManager.Agent.Tests.LocalApi;

/// <summary>Hostile bodies and slow senders: told what is wrong, never a 500, and never in the way of others.</summary>
public sealed class BodyTests : IAsyncLifetime
{
    private const string Small = """{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z"}""";
    private ApiFixture _fixture = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _fixture = await ApiFixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task SlowSenders_OfLargeBodies_AreThrownOutAndKeepNobodyOutForLong()
    {
        // Together they take the whole budget; a fifth large body has to wait, a small one has not.
        var slow = new List<Socket>();
        for (var i = 0; i < 4; i++)
        {
            slow.Add(await StartAsync(24 * 1024 * 1024));
        }

        await Eventually.TrueAsync(() => _fixture.Api.Bodies.IsExhausted, "the budget is taken");
        var large = _fixture.PostAsync(Small + new string(' ', 200_000));
        Assert.Equal(201, (await _fixture.PostAsync(Small)).Status);
        Assert.False(large.IsCompleted);

        // Their time is over; the fake clock stands still otherwise, so nobody else's is.
        _fixture.Stored.Time.Advance(TimeSpan.FromSeconds(31));
        foreach (var socket in slow)
        {
            Assert.StartsWith("HTTP/1.1 408", await AnswerAsync(socket), StringComparison.Ordinal);
            socket.Dispose();
        }

        var (status, body) = await large;
        Assert.True(status is 201 or 503, $"{status} {body}");
        Assert.Equal(201, (await _fixture.PostAsync(Small + new string(' ', 200_000))).Status);
    }

    [Fact]
    public async Task Sender_ThatGoesAway_GivesItsShareBack()
    {
        for (var i = 0; i < 8; i++)
        {
            using var socket = await StartAsync(70 * 1024 * 1024);
            await Eventually.TrueAsync(() => _fixture.Api.Bodies.IsReading, "it is being read");
            socket.Close();
            await Eventually.TrueAsync(() => !_fixture.Api.Bodies.IsReading, "its share is back");
        }

        Assert.Equal(201, (await _fixture.PostAsync(Small + new string(' ', 200_000))).Status);
    }

    [Fact]
    public async Task Hostile_Bodies_NeverMakeA500()
    {
        var random = new Random(20260102);
        var seeds = new[]
        {
            Small,
            $$$"""{"event_schema":"quality_check","event_data":{"result":"pass"},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{"base64Image":"{{{Pictures.Base64("p")}}}","keypoints":[{"class":"a","keypoints":[{"id":0,"x":1,"y":2}]}]}],"displayImagePosition":0,"custom_metadata":{"a":1}}""",
            """{"eventId":"a","eventType":"custom","useCaseId":"u","images":[{"sourceId":"s"}],"more":[1,{"a":null}]}""",
            """{"events":[{"eventId":"a","eventType":"custom","useCaseId":"u"}]}""",
            """{"ids":["a"],"code":"b"}""",
        };
        string[] paths = ["/v2/events", "/vision-events", "/vision-events/batch", "/vision-events/upload", "/v2/events/delete", "/v2/parked/retry", "/v2/parked/discard", "/v2/events/x/images"];
        string[] pieces = ["{", "}", "[", "]", "\"", "\\ud800", "\\u0000", "null", "1e999", "-0", ",", ":", "true", "\uFFFF", "\u0001", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["];
        for (var i = 0; i < 600; i++)
        {
            var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Insert(at, pieces[random.Next(pieces.Length)]),
                    1 => text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)),
                    _ => text.Replace(text[at], (char)random.Next(1, 128), at, 1),
                };
            }

            var path = paths[random.Next(paths.Length)];
            var (status, body) = await _fixture.PostAsync(text.ToString(), path);
            Assert.True(status is 200 or 201 or 400 or 404 or 413 or 422, $"step {i}: {status} {path} {text} {body}");
            if (status >= 400)
            {
                Assert.False(string.IsNullOrEmpty(body.GetProperty(path.StartsWith("/vision", StringComparison.Ordinal) ? "error" : "detail").GetString()));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2_000_000)]
    public async Task ByteOrderMark_IsPassedOver(int padding)
    {
        using var body = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Small + new string(' ', padding))]);
        using var answer = await _fixture.Client.PostAsync(_fixture.Url("/v2/events"), body, Token);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task EventLargerThanTheServerTakes_IsRefusedAtTheDoor()
    {
        var words = string.Join(",", Enumerable.Range(0, 80_000).Select(_ => """{"class":"a","x":1,"y":1,"width":1,"height":1,"confidence":0.5}"""));

        var (status, body) = await _fixture.PostAsync($$"""{"event_schema":"custom","event_data":{},"inference_timestamp":"2026-03-30T14:30:00Z","images":[{"objectDetections":[{{words}}]}]}""");

        Assert.Equal(413, status);
        Assert.Contains("without its pictures", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/vision-events", 4_194_305)]
    [InlineData("/vision-events/batch", 33_554_433)]
    [InlineData("/vision-events/upload", 27_262_977)]
    [InlineData("/v2/events/delete", 1_048_577)]
    public async Task Body_LargerThanTheRouteTakes_Is413BeforeItIsRead(string path, int length)
    {
        using var socket = await StartAsync(length, path);

        Assert.StartsWith("HTTP/1.1 413", await AnswerAsync(socket), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]", 200)]
    [InlineData("evil.example", 403)]
    public async Task Host_OfAForeignName_IsRefusedWhileThereIsNoKey(string host, int expected)
    {
        _fixture.Client.DefaultRequestHeaders.Host = host;
        Assert.Equal(expected, (await _fixture.GetAsync("/v2/stats")).Status);

        await _fixture.ApplyAsync(_fixture.Settings with { ApiKey = "k" });
        _fixture.Client.DefaultRequestHeaders.Add("X-API-Key", "k");
        Assert.Equal(200, (await _fixture.GetAsync("/v2/stats")).Status);
    }

    [Fact]
    public async Task OffLoopback_WithoutAKey_NothingIsServed()
    {
        // The settings never let it come to this; the guard does not rely on them.
        await _fixture.ApplyAsync(_fixture.Settings with { BindAddress = "0.0.0.0" });
        var own = Dns.GetHostAddresses(Dns.GetHostName()).FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Assert.SkipWhen(own is null, "this machine has no address but loopback");

        using var answer = await _fixture.Client.GetAsync(new Uri($"http://{own}:{_fixture.Settings.Port}/v2/stats"), Token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task<Socket> StartAsync(int length, string path = "/v2/events")
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_fixture.Server.Listening!.Address, _fixture.Server.Listening.Port, Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{{"), Token);
        return socket;
    }

    private static async Task<string> AnswerAsync(Socket socket)
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Token));
    }
}
