using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests.Simulator;

/// <summary>Listens as an event store does, keeps the bodies, and gives the scripted answers before it accepts all.</summary>
internal sealed class FakeEventStore : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<FakeAnswer> _script;
    private int _accepted;

    public FakeEventStore(params FakeAnswer[] script)
    {
        _script = new ConcurrentQueue<FakeAnswer>(script);
        Address = new Uri($"http://127.0.0.1:{FreePort.Next().ToString(CultureInfo.InvariantCulture)}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address { get; }

    public ConcurrentQueue<JsonNode> Accepted { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.InputStream);
        if (!_script.TryDequeue(out var answer))
        {
            Accepted.Enqueue(body!);
            answer = new FakeAnswer(201, $$"""{"id":"event-{{++_accepted}}"}""");
        }

        if (answer.Status == 0)
        {
            // Headers promise more than comes: the client can not know what became of its request.
            context.Response.ContentLength64 = 100;
            context.Response.OutputStream.WriteByte((byte)'{');
            context.Response.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is { } seconds)
        {
            context.Response.Headers["Retry-After"] = seconds.ToString(CultureInfo.InvariantCulture);
        }

        context.Response.Close(Encoding.UTF8.GetBytes(answer.Body), willBlock: true);
    }
}

/// <param name="Status">HTTP status; 0 breaks the connection in the middle of the answer.</param>
/// <param name="Body">JSON.</param>
/// <param name="RetryAfter">Seconds, if the header is sent.</param>
internal sealed record FakeAnswer(int Status, string Body = "{}", int? RetryAfter = null);
