using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>Takes what an agent backs up and keeps nothing, while it is open; asks for a pause while it is not.</summary>
internal sealed class EventSink : IAsyncDisposable
{
    private readonly WebApplication _application;
    private long _taken;
    private volatile bool _isOpen;

    private EventSink(WebApplication application, int port) => (_application, Address) = (application, new Uri($"http://127.0.0.1:{port}"));

    public Uri Address { get; }

    public long Taken => Interlocked.Read(ref _taken);

    public static async Task<EventSink> StartAsync(CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRequestDecompression();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.ListenLocalhost(port));
        var sink = new EventSink(builder.Build(), port);
        sink._application.UseRequestDecompression();
        sink._application.MapPost("/vision-events/batch", (RequestDelegate)sink.TakeAsync);
        await sink._application.StartAsync(cancellationToken);
        return sink;
    }

    /// <summary>Opens it and waits until the agent has come back.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var before = Taken;
        _isOpen = true;
        while (Taken == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public void Close() => _isOpen = false;

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        if (!_isOpen)
        {
            context.Response.Headers.RetryAfter = "1";
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var ids = body.RootElement.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("eventId").GetString()).ToList();
        Interlocked.Add(ref _taken, ids.Count);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentType = "application/json";
        var answer = $"{{\"created\":{ids.Count},\"eventIds\":[],\"results\":[{string.Join(",", ids.Select(id => $"{{\"eventId\":\"{id}\",\"status\":\"created\"}}"))}]}}";
        await context.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(answer), context.RequestAborted);
    }
}
