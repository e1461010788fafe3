using System.Buffers;
using System.Text;
using FleetManager.Benchmarks.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>
/// A server that reads batches to their end, counts the events and holds them all, in this process: what is left is what sending costs. It takes
/// what an agent asks besides, so that nothing is tried again.
/// </summary>
internal sealed class Sink : IAsyncDisposable
{
    private static readonly byte[] s_id = "\"eventId\":\""u8.ToArray();
    private readonly WebApplication _web;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _expected;
    private long _events;
    private long _bytes;
    private long _first;
    private long _last;

    private Sink(WebApplication web, long expected) => (_web, _expected) = (web, expected);

    public Uri Address => new(_web.Urls.First());

    /// <summary>Called at the first batch.</summary>
    public event Action? Began;

    /// <summary>Ends when every event has come.</summary>
    public Task Done => _done.Task;

    /// <summary>From the first batch to the answer of the last.</summary>
    public TimeSpan Took => TimeProvider.System.GetElapsedTime(_first, _last);

    public long Bytes => _bytes;

    public static async Task<Sink> StartAsync(long expected, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var sink = new Sink(builder.Build(), expected);
        sink._web.Run(sink.AnswerAsync);
        await sink._web.StartAsync(cancellationToken);
        return sink;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Path == "/vision-events/batch")
        {
            await TakeAsync(context);
        }
        else if (request.Path == "/agent/v1/receipts")
        {
            await WriteAsync(context, 200, Encoding.ASCII.GetBytes($"{{\"epoch\":\"{request.Query["epoch"]}\",\"held\":[],\"declaredLost\":[]}}"));
        }
        else
        {
            await request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = request.Path == "/agent/v1/settings" ? 304 : 204;
        }
    }

    private async Task TakeAsync(HttpContext context)
    {
        if (Interlocked.CompareExchange(ref _first, TimeProvider.System.GetTimestamp(), 0) == 0)
        {
            Began?.Invoke();
        }

        var length = (int)context.Request.ContentLength!.Value;
        var body = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await context.Request.Body.ReadExactlyAsync(body.AsMemory(0, length));
            var (answer, events) = Answer(body.AsSpan(0, length));
            await WriteAsync(context, 201, answer);
            Interlocked.Add(ref _bytes, length);
            if (Interlocked.Add(ref _events, events) >= _expected)
            {
                _last = TimeProvider.System.GetTimestamp();
                _done.TrySetResult();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    /// <summary>Every event was created, as a server says it.</summary>
    private static (byte[] Answer, int Events) Answer(ReadOnlySpan<byte> body)
    {
        var answer = new ArrayBufferWriter<byte>(16 * 1024);
        answer.Write("{\"created\":0,\"eventIds\":[],\"results\":["u8);
        var events = 0;
        for (int at; (at = body.IndexOf(s_id)) >= 0; body = body[(at + s_id.Length + EventIds.Length)..])
        {
            answer.Write(events++ == 0 ? "{\"eventId\":\""u8 : ",{\"eventId\":\""u8);
            answer.Write(body.Slice(at + s_id.Length, EventIds.Length));
            answer.Write("\",\"status\":\"created\"}"u8);
        }

        answer.Write("]}"u8);
        return (answer.WrittenSpan.ToArray(), events);
    }

    private static async Task WriteAsync(HttpContext context, int status, byte[] answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }
}
