namespace FleetManager.Simulator.Camera;

/// <summary>One camera: a frame a tick, the samples in turn, each frame posted before the next is taken.</summary>
internal sealed class CameraLoop(
    CameraOptions options,
    IReadOnlyList<Sample> samples,
    EventStoreClient store,
    StreamWriter? ids,
    TimeProvider time)
{
    private const int LineEvery = 25;

    private int _posted;
    private int _refused;

    /// <summary>Runs until the count is reached or the run is stopped; the exit code is 1 when an event was refused.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.Rate), time);
        try
        {
            await TakeAsync(0, cancellation);
            for (var number = 1; options.Count is not { } count || number < count; number++)
            {
                await tick.WaitForNextTickAsync(cancellation);
                await TakeAsync(number, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how a camera is switched off.
        }
        finally
        {
            Console.WriteLine($"posted {_posted}, refused {_refused}, unanswered {store.Unanswered}");
        }

        return _refused == 0 ? 0 : 1;
    }

    private async Task TakeAsync(int number, CancellationToken cancellation)
    {
        var body = Frame.Write(samples[number % samples.Count], options, number, time.GetUtcNow());
        if (await store.PostAsync(body, cancellation) is not { } id)
        {
            _refused++;
            return;
        }

        if (ids is not null)
        {
            await ids.WriteLineAsync(id.AsMemory(), CancellationToken.None);
            await ids.FlushAsync(CancellationToken.None);
        }

        if (++_posted % LineEvery == 0)
        {
            Console.WriteLine($"posted {_posted}");
        }
    }
}
