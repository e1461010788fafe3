using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FleetManager.Agent.Platform;

/// <summary>Requests to the server, with the device's key once there is one. Every failure is a value; only cancellation throws.</summary>
internal sealed class ServerHttp : IDisposable
{
    private const int MaxErrorText = 300;
    private static readonly TimeSpan s_longestPause = TimeSpan.FromHours(1);

    private readonly HttpClient _client;
    private readonly string _root;
    private readonly string? _deviceKey;
    private readonly TimeProvider _time;

    // Owns the handler that stands in for the real network.
    public ServerHttp(Uri server, string? deviceKey, TimeProvider time, HttpMessageHandler? network = null)
    {
        (_deviceKey, _time, Clock) = (deviceKey, time, new ServerClock(time));
        _root = server.AbsoluteUri.TrimEnd('/');
        network ??= new SocketsHttpHandler
        {
            // A redirect would turn a POST into a GET, and could carry the key to another host.
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _client = new HttpClient(network) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 32 * 1024 * 1024 };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("fleet-agent", AgentVersion.Current));
    }

    /// <summary>The server's time, as its answers tell it.</summary>
    public ServerClock Clock { get; }

    public HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null) =>
        new(method, _root + path)
        {
            Content = content,
            Headers = { Authorization = _deviceKey is null ? null : new AuthenticationHeaderValue("Bearer", _deviceKey) },
        };

    /// <summary>Sends and reads a JSON answer of exactly the expected status.</summary>
    public async Task<Reply<T>> SendAsync<T>(
        HttpRequestMessage request, HttpStatusCode expected, JsonTypeInfo<T> type, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class
    {
        return await ExchangeAsync(request, timeout, Read, cancellationToken);

        async Task<Reply<T>> Read(HttpResponseMessage response, CancellationToken token)
        {
            if (response.StatusCode != expected)
            {
                return new Reply<T>(null, await FailureOfAsync(response, token));
            }

            await using var body = await response.Content.ReadAsStreamAsync(token);
            return await JsonSerializer.DeserializeAsync(body, type, token) is { } value
                ? new Reply<T>(value, null)
                : new Reply<T>(null, Foreign(response));
        }
    }

    /// <summary>Sends what needs no answer but that it was taken; null when it was. Whatever else says 200, such as a guest network's sign-in page, took nothing.</summary>
    public async Task<Failure?> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var reply = await ExchangeAsync<object>(
            request,
            timeout,
            async (response, token) => response.StatusCode == HttpStatusCode.NoContent ? default : new Reply<object>(null, await FailureOfAsync(response, token)),
            cancellationToken);
        return reply.Failure;
    }

    /// <summary>Sends; <paramref name="read"/> makes the reply of whatever answer comes.</summary>
    public async Task<Reply<T>> ExchangeAsync<T>(
        HttpRequestMessage request, TimeSpan timeout, Func<HttpResponseMessage, CancellationToken, Task<Reply<T>>> read, CancellationToken cancellationToken)
        where T : class
    {
        using var timer = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var sent = _time.GetTimestamp();
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            if (response.Headers.Date is { } date)
            {
                Clock.Observe(date, _time.GetElapsedTime(sent));
            }

            return await read(response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Reply<T>(null, new Failure(FailureKind.Unreachable, "timeout", $"{_root} did not answer within {timeout.TotalSeconds:0} s"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Reply<T>(null, new Failure(FailureKind.Unreachable, "unreachable", $"{_root} can not be reached: {e.GetBaseException().Message}"));
        }
        catch (JsonException)
        {
            return new Reply<T>(null, new Failure(FailureKind.Foreign, "foreign_answer", $"{_root} gave an answer that a FleetManager server does not give"));
        }
    }

    public async Task<Failure> FailureOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var words = Words(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        var kind = status switch
        {
            401 or 403 => FailureKind.Unauthorized,
            408 or 425 or 429 or >= 500 => FailureKind.Temporary,
            400 or 409 or 410 or 413 or 414 or 415 or 422 => FailureKind.Refused,

            // 404 above all: a route that is not there says nothing about the event that was sent to it.
            _ => FailureKind.Foreign,
        };
        return kind == FailureKind.Foreign && words is null
            ? Foreign(response)
            : new Failure(kind, $"http_{status}", words ?? $"the server answered {status}", status, RetryAfter(response.Headers.RetryAfter));
    }

    public void Dispose() => _client.Dispose();

    private Failure Foreign(HttpResponseMessage response) => new(
        FailureKind.Foreign,
        "foreign_answer",
        (int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } elsewhere
            ? $"{_root} answered with a redirect to {elsewhere}: use that address"
            : $"{_root} answered {(int)response.StatusCode} and is not a FleetManager server",
        (int)response.StatusCode,
        RetryAfter(response.Headers.RetryAfter));

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var pause = header?.Delta ?? header?.Date - (Clock.Now ?? _time.GetUtcNow());
        return pause is null ? null
            : pause < TimeSpan.Zero ? TimeSpan.Zero
            : pause > s_longestPause ? s_longestPause
            : pause;
    }

    /// <summary>The text of <c>{"error":"…"}</c> or <c>{"error":{"message":"…"}}</c>; null for anything else.</summary>
    private static string? Words(byte[] body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("error", out var error))
            {
                return null;
            }

            var text = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) ? message : error;
            return text.ValueKind != JsonValueKind.String ? null : Shorten(text.GetString()!);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Shorten(string text) => text.Length <= MaxErrorText ? text : text[..MaxErrorText] + "…";
}
