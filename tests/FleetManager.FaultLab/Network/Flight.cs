using System.Net;
using System.Net.Http.Headers;

namespace FleetManager.FaultLab.Network;

/// <summary>A request on its way. It may arrive after its sender has given up, or died.</summary>
internal sealed class Flight(string method, Uri url, string? key, string? contentType, byte[] body)
{
    private readonly TaskCompletionSource<HttpResponseMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Route => $"{method} {url.AbsolutePath}";

    public Uri Url => url;

    public string? Key => key;

    public string? ContentType => contentType;

    public byte[] Body => body;

    /// <summary>When it arrives, by the steady clock.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>Nobody waits for the answer any more.</summary>
    public bool IsOrphan => _answer.Task.IsCompleted;

    public Task<HttpResponseMessage> WaitAsync(CancellationToken cancellationToken)
    {
        // The cancellation ends the wait, never the flight.
        cancellationToken.Register(() => _answer.TrySetCanceled(cancellationToken));
        return _answer.Task;
    }

    public void Answer(ServerAnswer answer)
    {
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = new ByteArrayContent(answer.Body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(answer.IsHtml ? "text/html" : "application/json");
        if (answer.RetryAfter is { } pause)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(pause);
        }

        if (!_answer.TrySetResult(response))
        {
            response.Dispose();
        }
    }

    public void Break() => _answer.TrySetException(new HttpRequestException("the connection was cut (fault lab)"));
}

/// <summary>What a server says.</summary>
internal sealed record ServerAnswer(int Status, byte[] Body, TimeSpan? RetryAfter = null, bool IsHtml = false);
