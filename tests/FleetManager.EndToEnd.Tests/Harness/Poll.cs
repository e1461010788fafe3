namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>Waits for a condition of another process, which can not signal it.</summary>
internal static class Poll
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns the first value that is not null; fails with what was waited for when the deadline passes.</summary>
    public static async Task<T> ForAsync<T>(Func<Task<T?>> read, Func<string> waitedFor, CancellationToken cancellation, TimeSpan? patience = null)
        where T : class
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await read() is { } value)
            {
                return value;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < (patience ?? Patience), "Waited in vain for " + waitedFor());
            await Task.Delay(s_interval, TimeProvider.System, cancellation);
        }
    }

    /// <inheritdoc cref="ForAsync{T}(Func{Task{T}}, Func{string}, CancellationToken, TimeSpan?)"/>
    public static async Task<T> ForAsync<T>(Func<Task<T?>> read, Func<string> waitedFor, CancellationToken cancellation)
        where T : struct
    {
        T? value = null;
        await UntilAsync(async () => (value = await read()) is not null, waitedFor, cancellation);
        return value!.Value;
    }

    public static Task UntilAsync(Func<Task<bool>> holds, Func<string> waitedFor, CancellationToken cancellation, TimeSpan? patience = null) =>
        ForAsync(async () => await holds() ? new object() : null, waitedFor, cancellation, patience);
}
