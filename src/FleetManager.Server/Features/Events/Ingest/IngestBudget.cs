using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>How many bytes of bodies may be in memory at once, from the first read to the answer. Beyond it callers are asked to come again.</summary>
internal sealed class IngestBudget(long limit = 256L * 1024 * 1024)
{
    private long _taken;

    public long Taken => Interlocked.Read(ref _taken);

    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) > limit)
        {
            Give(bytes);
            throw new BusyException("too many events are under way");
        }
    }

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
