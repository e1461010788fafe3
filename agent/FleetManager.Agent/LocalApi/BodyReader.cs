using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace FleetManager.Agent.LocalApi;

/// <summary>
/// Takes bodies in. Those that are not small share a budget of memory while they are read and stored, and must arrive in time, so that neither many
/// producers nor slow ones exhaust the device or keep the others out.
/// </summary>
internal sealed class BodyReader(TimeProvider time) : IDisposable
{
    /// <summary>Largest body: an output and an input image of the largest size, in base64.</summary>
    public const long MostBytes = 72L * 1024 * 1024;

    private const int Unit = 1024 * 1024;
    private const int Units = 96;

    // As many of them as there can be connections are no danger, and Kestrel sees to their pace.
    private const long SmallBytes = 64 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _units = new(Units);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Whether some of the budget is taken.</summary>
    public bool IsReading => _units.CurrentCount < Units;

    /// <summary>Whether nothing of it is left.</summary>
    public bool IsExhausted => _units.CurrentCount == 0;

    /// <summary>Reads a body and uses it; its memory counts until that is done, for what waits for the disk is in memory as well.</summary>
    /// <param name="context">Whose body.</param>
    /// <param name="most">Most bytes of it.</param>
    /// <param name="readAsync">Reads it; the token says when its time is over.</param>
    /// <param name="useAsync">What to do with it.</param>
    public async Task ReadAsync<T>(HttpContext context, long most, Func<CancellationToken, Task<T>> readAsync, Func<T, Task> useAsync)
        where T : class
    {
        var size = context.Request.ContentLength ?? most;
        if (size > most)
        {
            await Answer.FaultAsync(context, TooLarge(most));
        }
        else if (size <= SmallBytes)
        {
            await ReadAsync(context, most, readAsync, useAsync, context.RequestAborted);
        }
        else
        {
            await ReadLargeAsync(context, most, (int)((size + Unit - 1) / Unit), readAsync, useAsync);
        }
    }

    /// <summary>The same with a JSON document.</summary>
    public Task ReadJsonAsync(HttpContext context, long most, Func<JsonElement, Task> useAsync) => ReadAsync(
        context,
        most,
        token => JsonBody.ReadAsync(context.Request, token),
        async body =>
        {
            using (body)
            {
                await useAsync(body.Root);
            }
        });

    public void Dispose()
    {
        _units.Dispose();
        _turn.Dispose();
    }

    private async Task ReadLargeAsync<T>(HttpContext context, long most, int units, Func<CancellationToken, Task<T>> readAsync, Func<T, Task> useAsync)
        where T : class
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        var taken = 0;
        try
        {
            try
            {
                // One at a time: two that hold a half each would wait for one another for ever.
                await _turn.WaitAsync(over.Token);
                try
                {
                    for (; taken < units; taken++)
                    {
                        await _units.WaitAsync(over.Token);
                    }
                }
                finally
                {
                    _turn.Release();
                }
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                await Answer.FaultAsync(context, new EventFault(StatusCodes.Status503ServiceUnavailable, "too many large bodies are arriving: send it again later", TimeSpan.FromSeconds(5)));
                return;
            }

            await ReadAsync(context, most, readAsync, useAsync, over.Token);
        }
        finally
        {
            if (taken > 0)
            {
                _units.Release(taken);
            }
        }
    }

    private static async Task ReadAsync<T>(HttpContext context, long most, Func<CancellationToken, Task<T>> readAsync, Func<T, Task> useAsync, CancellationToken over)
        where T : class
    {
        T body;
        try
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = most;
            body = await readAsync(over);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && FaultOf(e, most) is not null)
        {
            await Answer.FaultAsync(context, FaultOf(e, most)!);
            return;
        }

        await useAsync(body);
    }

    private static EventFault? FaultOf(Exception e, long most) => e switch
    {
        OperationCanceledException => new EventFault(StatusCodes.Status408RequestTimeout, $"the body did not arrive within {s_patience.TotalSeconds:0} seconds"),
        JsonException => new EventFault(StatusCodes.Status400BadRequest, "the body is not valid JSON: " + e.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge(most),
        BadHttpRequestException bad => new EventFault(bad.StatusCode, bad.Message),
        IOException or InvalidDataException => new EventFault(StatusCodes.Status400BadRequest, "the body can not be read: " + e.Message),
        _ => null,
    };

    private static EventFault TooLarge(long most) => new(StatusCodes.Status413PayloadTooLarge, $"the body is larger than {most} bytes");
}
