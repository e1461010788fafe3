namespace FleetManager.Benchmarks.Load;

/// <summary>Callers in a closed loop: each sends its next request when the last was answered, and one at least.</summary>
internal static class Callers
{
    /// <param name="port">Of the server.</param>
    /// <param name="callers">How many at once.</param>
    /// <param name="meter">Ends it when it is over.</param>
    /// <param name="sendAsync">Sends one request, or more; told the connection and how many were sent before on it.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static Task RunAsync(int port, int callers, Meter meter, Func<HttpCaller, int, Task> sendAsync, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(port, meter, sendAsync, cancellationToken), cancellationToken)));

    private static async Task CallAsync(int port, Meter meter, Func<HttpCaller, int, Task> sendAsync, CancellationToken cancellationToken)
    {
        using var caller = await HttpCaller.ConnectAsync(port, cancellationToken);
        var sent = 0;
        do
        {
            await sendAsync(caller, sent++);
        }
        while (!meter.IsOver);
    }
}
