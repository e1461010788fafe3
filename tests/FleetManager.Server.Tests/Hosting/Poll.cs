namespace FleetManager.Server.Tests.Hosting;

/// <summary>Waits for a condition that no signal announces, looking every few milliseconds until a deadline.</summary>
internal static class Poll
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> condition)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (condition(seen))
            {
                return seen;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < s_deadline, $"still {seen}");
            await Task.Delay(s_interval, TimeProvider.System, cancellation);
        }
    }
}
