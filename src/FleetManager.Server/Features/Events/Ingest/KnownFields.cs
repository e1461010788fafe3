using System.Collections.Concurrent;
using FleetManager.Data.Events;
using FleetManager.Data.Rollups;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.Events.Ingest;

/// <summary>
/// Remembers which metadata fields the database has, with the newest day, so that nearly no event has to say them again. What is
/// forgotten is only written once more.
/// </summary>
internal sealed class KnownFields
{
    private const int Limit = 100_000;
    private readonly ConcurrentDictionary<(int UseCaseKey, ParsedField Field), DateTimeOffset> _days = new();

    /// <summary>Those fields of an event that have to be written with it; null when there is none.</summary>
    public IReadOnlyList<MetadataField>? NewOf(ParsedEvent parsed, int useCaseKey, DateTimeOffset at)
    {
        var day = CountRange.Floor(at, TimeSpan.FromDays(1));
        List<MetadataField>? found = null;
        foreach (var field in parsed.Fields)
        {
            if (!_days.TryGetValue((useCaseKey, field), out var known) || known < day)
            {
                (found ??= []).Add(
                    new MetadataField { UseCaseKey = useCaseKey, OfImage = field.OfImage, Name = field.Name, Type = field.Type, LastSeen = day });
            }
        }

        return found;
    }

    /// <summary>To be called after the rows were committed.</summary>
    public void Remember(IReadOnlyList<EventRow> rows)
    {
        foreach (var field in rows.Where(r => r.Fields is not null).SelectMany(r => r.Fields!))
        {
            // Senders can make up keys without end: past the limit everything is forgotten.
            if (_days.Count >= Limit)
            {
                _days.Clear();
            }

            _days.AddOrUpdate(
                (field.UseCaseKey, new ParsedField(field.OfImage, field.Name, field.Type)),
                field.LastSeen,
                (_, known) => known > field.LastSeen ? known : field.LastSeen);
        }
    }
}
