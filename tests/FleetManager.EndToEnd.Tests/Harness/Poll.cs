namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>Waits for a condition of another process, which can not signal it.</summary>
internal static class Poll
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns the first value that is not null; fails with what was waited for when the deadline passes.</summary>
    public static async Task<T> ForAsync<T>(Func<Task<T?>> read, Func<string> waitedFor, CancellationToken cancellation, TimeSpan? patience = null)
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

    public static Task UntilAsync(Func<Task<bool>> holds, Func<string> waitedFor, CancellationToken cancellation, TimeSpan? patience = null) =>
        ForAsync(async () => await holds() ? new object() : null, waitedFor, cancellation, patience);
}
