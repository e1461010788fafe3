using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace FleetManager.Simulator.Camera;

/// <summary>Posts to one event store, and keeps at it: a frame ends as accepted or refused, never forgotten.</summary>
internal sealed class EventStoreClient : IDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    public EventStoreClient(CameraOptions options, TimeProvider time)
    {
        _time = time;
        _patience = options.Patience;
        _http = new HttpClient { BaseAddress = options.To, Timeout = TimeSpan.FromSeconds(30) };
        if (options.ApiKey is not null)
        {
            _http.DefaultRequestHeaders.Add("X-API-Key", options.ApiKey);
        }
    }

    /// <summary>
    /// Posts whose answer never came. The store may hold such a frame under an id that nobody was told, and holds it again under the id
    /// of the second try.
    /// </summary>
    public int Unanswered { get; private set; }

    /// <summary>The id that the store gave the event; null when it refused the event for good, which was said on standard error.</summary>
    public async Task<string?> PostAsync(byte[] body, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var pause = s_firstPause;
        for (var tries = 1; ; tries++)
        {
            var (id, again) = await TryPostAsync(body, cancellation);
            if (again is null)
            {
                if (tries > 1)
                {
                    await Console.Error.WriteLineAsync($"The event store answers again, after {tries} tries.");
                }

                return id;
            }

            if (_time.GetElapsedTime(started) >= _patience && !again.Answered)
            {
                throw new SimulatorException(
                    $"The event store at {_http.BaseAddress} did not answer for {_patience.TotalSeconds:0} s ({again.Reason}): start the agent, or give another --to.");
            }

            if (tries == 1)
            {
                await Console.Error.WriteLineAsync($"The event is kept and tried again: {again.Reason}.");
            }

            // Jitter keeps several cameras from knocking all at once.
            await Task.Delay(again.After ?? (pause * (0.5 + Random.Shared.NextDouble())), _time, cancellation);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(string? Id, Retry? Again)> TryPostAsync(byte[] body, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            using var answer = await _http.PostAsync(new Uri("v2/events", UriKind.Relative), content, cancellation);
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            return answer.StatusCode switch
            {
                HttpStatusCode.Created => (ReadId(text), null),
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    throw new SimulatorException($"The event store refuses the key: give the eventStore.apiKey of the device as --api-key. It said: {text}"),
                (HttpStatusCode)529 or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                    (null, new Retry($"the event store said {(int)answer.StatusCode} {text}", true, answer.Headers.RetryAfter?.Delta)),
                _ => (await RefusedAsync(answer.StatusCode, text), null),
            };
        }
        catch (Exception e) when (IsTransport(e))
        {
            // A refused connection proves that nothing was taken; every other broken exchange may have been.
            if (e.InnerException is not SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                Unanswered++;
            }

            cancellation.ThrowIfCancellationRequested();
            return (null, new Retry(e.Message, false, null));
        }
    }

    private static bool IsTransport(Exception e) => e is HttpRequestException or IOException or TaskCanceledException;

    private static async Task<string?> RefusedAsync(HttpStatusCode status, string text)
    {
        await Console.Error.WriteLineAsync($"The event store refused the event: {(int)status} {text}");
        return null;
    }

    private static string ReadId(string text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text);
            return answer.RootElement.GetProperty("id").ToString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SimulatorException($"The event store answered 201 without an id: {text}");
        }
    }

    private sealed record Retry(string Reason, bool Answered, TimeSpan? After);
}
