using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FleetManager.Agent.EventStore;

namespace FleetManager.FaultLab.Model;

/// <summary>Makes events as the local API hands them to the store.</summary>
internal sealed class Producer(Random random, Ledger ledger)
{
    private const int LargestPicture = 20_000;
    private readonly List<NewImage> _pictures = [];
    private int _made;

    public (Issued Issued, NewEvent Event) Next()
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"event-{++_made}");
        var kind = random.Next(40) switch
        {
            0 => EventKind.Poison,
            1 => EventKind.Spoiler,
            2 => EventKind.Homeless,
            _ => EventKind.Good,
        };
        var picture = random.Next(3) == 0 ? Picture() : null;
        var issued = ledger.Issue(id, kind, picture);
        var padding = new string('x', random.Next(2000));
        var body = Encoding.UTF8.GetBytes($$$"""{"eventType":"custom","eventData":{"mark":"{{{issued.Mark}}}","padding":"{{{padding}}}"},"timestamp":"2026-01-02T03:04:05Z"}""");
        var images = picture is null ? null : Encoding.UTF8.GetBytes($$"""[{"output":"{{picture.Hash}}"}]""");
        var stored = new StoredEvent(id, kind == EventKind.Homeless ? null : "line", null, body, images);
        return (issued, new NewEvent(stored, picture is null ? [] : [picture], Draft: false));
    }

    // Some pictures come again: the same file for several events.
    private NewImage Picture()
    {
        if (_pictures.Count > 0 && random.Next(4) == 0)
        {
            return _pictures[random.Next(_pictures.Count)];
        }

        var content = new byte[random.Next(1, LargestPicture)];
        random.NextBytes(content);
        var picture = new NewImage(Convert.ToHexStringLower(SHA256.HashData(content)), content);
        _pictures.Add(picture);
        return picture;
    }
}
