using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Control;

/// <summary>Says how the host is, as often as the settings ask for it.</summary>
internal sealed class TelemetryWorker
{
    private readonly TelemetryReader _reader;
    private readonly SettingsService _settings;
    private readonly Uplinks _uplinks;
    private readonly TimeProvider _time;
    private readonly Signal _changed = new();

    public TelemetryWorker(TelemetryReader reader, SettingsService settings, Uplinks uplinks, TimeProvider time)
    {
        (_reader, _settings, _uplinks, _time) = (reader, settings, uplinks, time);
        settings.Changed += (_, _) => _changed.Set();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The first reading is what the second one's processor load is counted from.
        _reader.Read();
        while (!cancellationToken.IsCancellationRequested)
        {
            var seconds = _settings.Current.Telemetry.IntervalSeconds;
            var interval = seconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
            if (!await _changed.WaitAsync(interval, _time, cancellationToken))
            {
                _uplinks.Say(_reader.Read());
            }
        }
    }
}
