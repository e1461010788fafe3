using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Control;

/// <summary>Says how the host is, as often as the settings ask for it.</summary>
internal sealed class TelemetryWorker(TelemetryReader reader, SettingsService settings, Uplinks uplinks, TimeProvider time)
{
    private readonly Signal _changed = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        settings.Changed += (_, _) => _changed.Set();

        // The first reading is what the second one's processor load is counted from.
        reader.Read();
        while (!cancellationToken.IsCancellationRequested)
        {
            var seconds = settings.Current.Telemetry.IntervalSeconds;
            var interval = seconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
            if (!await _changed.WaitAsync(interval, time, cancellationToken))
            {
                uplinks.Say(reader.Read());
            }
        }
    }
}
