namespace FleetManager.FaultLab;

/// <summary>
/// Waits until nothing can go on by itself. The pool has one worker and this runs on it, so when nothing is queued, everybody else waits for
/// the clock or the network, which only the simulation moves.
/// </summary>
internal static class Quiet
{
    public static async Task ComeAsync()
    {
        do
        {
            await Task.Yield();
        }
        while (ThreadPool.PendingWorkItemCount > 0);
    }
}
