using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.FaultLab.Model;

namespace FleetManager.FaultLab.Network;

/// <summary>
/// The server as its contract describes it, in memory, so that a run is one thread and replays. It judges what it is sent: nothing invented,
/// nothing torn, each event always under the same number, each picture before the event that shows it.
/// </summary>
internal sealed class ModelServer(LabClock clock, Random random, Ledger ledger)
{
    public const string Key = "fd_lab";
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, Held> _events = new(StringComparer.Ordinal);
    private readonly Dictionary<(Guid Epoch, long Seq), string> _numbers = [];
    private readonly HashSet<string> _pictures = new(StringComparer.Ordinal);
    private TimeSpan? _pausedUntil;
    private Backup? _backup;

    public ServerMood Mood { get; set; }

    /// <summary>How many items of a batch it can not take just now, 0–1.</summary>
    public double TiredRate { get; set; }

    /// <summary>Whether the device sends one request at a time, so that none can be under way when it is told to pause.</summary>
    public bool OneAtATime { get; set; }

    /// <summary>Numbers that the device declared lost.</summary>
    public SeqSet Lost { get; } = new();

    /// <summary>Set while a restored backup may lack what devices were told is held.</summary>
    public bool Forgot { get; set; }

    /// <summary>It acknowledges one event of twenty and does not keep it.</summary>
    public bool Forgets { get; init; }

    public int Count => _events.Count;

    public IEnumerable<string> Ids => _events.Keys;

    public bool Holds(string id) => _events.ContainsKey(id);

    public bool Holds(Guid epoch, long seq) => _numbers.ContainsKey((epoch, seq));

    public IEnumerable<long> Numbers(Guid epoch) => _numbers.Keys.Where(n => n.Epoch == epoch).Select(n => n.Seq).Order();

    /// <summary>A device begins a request; none may while it was told to wait.</summary>
    public void Begun(HttpRequestMessage request) => Violation.Unless(
        !OneAtATime || _pausedUntil is not { } until || clock.Elapsed >= until,
        "G11", $"{request.Method} {request.RequestUri?.AbsolutePath} begun {(_pausedUntil - clock.Elapsed)?.TotalSeconds:0} s before the end of the pause that the server ordered");

    /// <summary>A device got this answer.</summary>
    public void Told(ServerAnswer answer) => _pausedUntil = OneAtATime && answer.RetryAfter is { } pause ? clock.Elapsed + pause : _pausedUntil;

    /// <summary>A device that was started anew knows of no pause.</summary>
    public void ForgetPauses() => _pausedUntil = null;

    public void TakeBackup() => _backup = new Backup(new(_events), new(_numbers), [.. _pictures]);

    /// <summary>Its disk was lost, and what it had at the last backup is all it has.</summary>
    public bool Restore()
    {
        if (_backup is not { } backup)
        {
            return false;
        }

        _events.Clear();
        _numbers.Clear();
        _pictures.Clear();
        backup.Events.ToList().ForEach(e => _events.Add(e.Key, e.Value));
        backup.Numbers.ToList().ForEach(n => _numbers.Add(n.Key, n.Value));
        _pictures.UnionWith(backup.Pictures);
        Forgot = true;
        return true;
    }

    /// <summary>Null when there is nobody to answer.</summary>
    public ServerAnswer? Answer(Flight flight)
    {
        if (Mood == ServerMood.Down)
        {
            return null;
        }

        if (Mood == ServerMood.Busy)
        {
            return Error(random.Next(2) == 0 ? 503 : 429, "busy") with { RetryAfter = TimeSpan.FromSeconds(random.Next(1, (int)s_longestPause.TotalSeconds)) };
        }

        if (Mood == ServerMood.Locked)
        {
            return Error(401, "the device key is not known");
        }

        if (Mood == ServerMood.Broken)
        {
            return Error(500, "internal error");
        }

        Violation.Unless(flight.Key == Key, "G4", $"a request carries the key '{flight.Key}'");
        return flight.Route switch
        {
            "POST /vision-events/upload" => Upload(flight),
            "POST /vision-events/batch" => Batch(flight),
            "GET /agent/v1/receipts" => Receipts(flight),
            "POST /agent/v1/losses" => Losses(flight),
            _ => Error(404, "no such route"),
        };
    }

    private ServerAnswer Upload(Flight flight)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Multipart.Content(flight)));
        Violation.Unless(ledger.KnowsPicture(hash), "G2", "a picture arrived that no producer handed in: it was changed on the way");
        _pictures.Add(hash);
        return Json(201, new UploadAnswer(true, SourceOf(hash), null), ContractsJson.Default.UploadAnswer);
    }

    private ServerAnswer Batch(Flight flight)
    {
        using var body = JsonDocument.Parse(flight.Body);
        var items = body.RootElement.GetProperty("events").EnumerateArray().ToList();
        if (items.Exists(i => ledger.Find(i.GetProperty("eventId").GetString()!)?.Kind == EventKind.Spoiler))
        {
            return Error(422, "one of the events can not be read");
        }

        var results = items.ConvertAll(Take);
        var held = results.Where(r => r.Status != ItemStatus.Rejected).Select(r => r.EventId!).ToList();
        return Json(201, new PartialBatchAnswer(held.Count, held, results), ContractsJson.Default.PartialBatchAnswer);
    }

    private ItemResult Take(JsonElement item)
    {
        var id = item.GetProperty("eventId").GetString()!;
        var issued = ledger.Find(id);
        Violation.Unless(issued is not null, "G2", $"event {id} arrived, which nobody handed in");
        Violation.Unless(item.GetProperty("eventData").GetProperty("mark").GetString() == issued!.Mark, "G2", $"event {id} arrived with other content than was handed in");
        var (epoch, seq) = (item.GetProperty("store").GetProperty("epoch").GetGuid(), item.GetProperty("store").GetProperty("seq").GetInt64());
        issued.Seen(seq);
        var known = _numbers.GetValueOrDefault((epoch, seq));
        Violation.Unless(known is null || known == id, "G3", $"number {seq} came with event {known} and with event {id}");
        if (issued.Kind == EventKind.Poison)
        {
            return new ItemResult(id, ItemStatus.Rejected, "invalid", "this event can not be stored", Permanent: true);
        }

        if (random.NextDouble() < TiredRate)
        {
            return new ItemResult(id, ItemStatus.Rejected, "busy", "not now");
        }

        CheckPictures(item, issued);
        var replaced = _events.TryGetValue(id, out var before);
        Violation.Unless(!replaced || before == new Held(epoch, seq), "G3", $"event {id} came from store {before?.Epoch} and from {epoch}");
        if (!Forgets || random.Next(20) > 0)
        {
            _events[id] = new Held(epoch, seq);
            _numbers[(epoch, seq)] = id;
        }

        return new ItemResult(id, replaced ? ItemStatus.Replaced : ItemStatus.Created);
    }

    private void CheckPictures(JsonElement item, Issued issued)
    {
        var named = item.TryGetProperty("images", out var images)
            ? images.EnumerateArray().Where(i => i.TryGetProperty("sourceId", out _)).Select(i => i.GetProperty("sourceId").GetString()!).ToList()
            : [];
        Violation.Unless(named.TrueForAll(s => s == SourceOf(issued.Picture ?? "")), "G2", $"event {issued.Id} names a picture that is not its own");
        Violation.Unless(Forgot || issued.Picture is null || (named.Count == 1 && _pictures.Contains(issued.Picture)), "G2", $"event {issued.Id} arrived before its picture");
    }

    private ServerAnswer Receipts(Flight flight)
    {
        var epoch = Guid.Parse(flight.Url.Query.Split("epoch=")[1].Split('&')[0]);
        var held = new SeqSet(Numbers(epoch).Select(n => new SeqRange(n, n)));
        return Json(200, new Receipts(epoch, held.Ranges, Lost.Ranges), ContractsJson.Default.Receipts);
    }

    private ServerAnswer Losses(Flight flight)
    {
        var report = JsonSerializer.Deserialize(flight.Body, ContractsJson.Default.LossReport)!;
        foreach (var loss in report.Losses)
        {
            ledger.CheckReason(loss.Reason);
            Lost.Add(new SeqRange(loss.From, loss.Through));
        }

        return new ServerAnswer(204, []);
    }

    private static string SourceOf(string hash) => "src-" + hash;

    private static ServerAnswer Error(int status, string text) => Json(status, new ErrorAnswer(text), ContractsJson.Default.ErrorAnswer);

    private static ServerAnswer Json<T>(int status, T value, JsonTypeInfo<T> type) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(value, type));

    private sealed record Held(Guid Epoch, long Seq);

    private sealed record Backup(Dictionary<string, Held> Events, Dictionary<(Guid Epoch, long Seq), string> Numbers, HashSet<string> Pictures);
}

internal enum ServerMood
{
    Up,

    /// <summary>Nobody listens.</summary>
    Down,

    /// <summary>429 or 503, with Retry-After.</summary>
    Busy,

    /// <summary>500 to everything.</summary>
    Broken,

    /// <summary>401 to everything.</summary>
    Locked,
}
