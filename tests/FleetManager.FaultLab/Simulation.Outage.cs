namespace FleetManager.FaultLab;

internal sealed partial class Simulation
{
    // Each check reads the whole backlog.
    private const int ChecksEvery = 48;

    private static readonly TimeSpan s_halfHour = TimeSpan.FromMinutes(30);

    /// <summary>A device without a network for so many days, which goes on taking events and loses power now and then; then all must drain.</summary>
    public Task OutageAsync(int days) => GuardAsync(async () =>
    {
        _network.IsUp = false;
        for (var (step, end) = (0, (int)(TimeSpan.FromDays(days) / s_halfHour)); step < end; step++)
        {
            _trace.Step = step;
            await EnsureStartedAsync();
            await AcceptAsync(_random.Next(3));
            _clock.Advance(s_halfHour);
            if (_random.Next(200) == 0)
            {
                _disk.DieAfter(_random.Next(1, 40), power: true);
            }

            await SettleAsync();
            if (step % ChecksEvery == 0)
            {
                Check();
            }
        }
    });
}
