using System.Text.Json;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Collects what was odd about an event. Bounded, so that a strange sender can not grow its events by our own words.</summary>
internal sealed class WarningList
{
    private const int Limit = 20;
    private List<EventWarning>? _warnings;

    public void Add(string code, string path, string message)
    {
        _warnings ??= [];
        if (_warnings.Count < Limit)
        {
            _warnings.Add(new EventWarning(code, path, message));
        }
        else if (_warnings.Count == Limit)
        {
            _warnings.Add(new EventWarning("more", "", "There was more of this kind."));
        }
    }

    /// <summary>Null when there is none.</summary>
    public string? ToJson() => _warnings is null ? null : JsonSerializer.Serialize(_warnings, EventsJson.Default.IReadOnlyListEventWarning);
}
