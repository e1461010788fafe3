using System.Text.RegularExpressions;
using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;
using FleetManager.Benchmarks.Load;

namespace FleetManager.Benchmarks.Suites;

/// <summary>The newest 50 events of a kind, asked in two ways.</summary>
/// <param name="Name">What is asked.</param>
/// <param name="Filter">For the server.</param>
/// <param name="Condition">For the database.</param>
internal sealed partial record SearchCase(string Name, string Filter, string Condition)
{
    /// <summary>Filters that many events pass.</summary>
    public static IReadOnlyList<SearchCase> Common()
    {
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-11), TimeProvider.System.GetUtcNow().AddDays(-10));
        var device = SampleEvents.Device(7);
        return
        [
            new("use case", "", "true"),
            new("device", Wire.TextFilter("deviceId", device), $"device_id = '{device}'"),
            new("type", "\"eventType\":\"safety_alert\"", "event_type = 'safety_alert'"),
            new("a day ten days ago", Wire.TimeFilter(from, to), $"timestamp >= '{from:O}' AND timestamp <= '{to:O}'"),
            new("common metadata value", Wire.MetadataFilters(("line_id", SampleEvents.Line(3))), Metadata("line_id", SampleEvents.Line(3))),
            new("detection class", Wire.TextFilter("detection", SampleEvents.CommonClass), $"classes @> '[\"{SampleEvents.CommonClass}\"]'"),
        ];
    }

    /// <summary>One event in 2 000 has it.</summary>
    public static SearchCase Rare { get; } =
        new("rare metadata value", Wire.MetadataFilters(("part_number", SampleEvents.PartNumber(3))), Metadata("part_number", SampleEvents.PartNumber(3)));

    /// <summary>Part number 3 is made on line 3 only.</summary>
    public static SearchCase Never { get; } = new(
        "pair of values that never meets",
        Wire.MetadataFilters(("line_id", SampleEvents.Line(4)), ("part_number", SampleEvents.PartNumber(3))),
        $"{Metadata("line_id", SampleEvents.Line(4))} AND {Metadata("part_number", SampleEvents.PartNumber(3))}");

    public Task<Sample> AskServerAsync(PostgresSite site, TimeSpan window, CancellationToken cancellationToken) =>
        Repeat.RequestAsync(site.Server, Request(site), window, cancellationToken);

    /// <param name="site">Whose database.</param>
    /// <param name="settings">Set on the connection before.</param>
    /// <param name="window">How long.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public Task<Sample> AskDatabaseAsync(PostgresSite site, string settings, TimeSpan window, CancellationToken cancellationToken) =>
        Repeat.QueryAsync(site.Database, Sql(site), settings, window, cancellationToken);

    /// <summary>Both must find the same number of events, or the comparison says nothing.</summary>
    public async Task CheckAsync(PostgresSite site, CancellationToken cancellationToken)
    {
        using var caller = await HttpCaller.ConnectAsync(site.Server.Port, cancellationToken);
        await caller.SendAsync(Request(site), 200, cancellationToken);
        var ours = Event().Count(caller.Text);
        var theirs = (await site.Database.ReadAsync(Sql(site), _ => 0, cancellationToken)).Count;
        if (ours != theirs)
        {
            throw new InvalidOperationException($"By {Name} the server finds {ours} events, the database {theirs}.");
        }
    }

    private string Sql(PostgresSite site) => $"SELECT * {site.OfBusiest} AND {Condition} ORDER BY timestamp DESC, key DESC LIMIT 50";

    private byte[] Request(PostgresSite site) => Wire.Request(site.Server, "POST", Wire.Query, Wire.Newest50(Filter));

    private static string Metadata(string key, string value) => $"custom_metadata @> '{{\"{key}\":\"{value}\"}}'";

    [GeneratedRegex("\"eventId\":")]
    private static partial Regex Event();
}
