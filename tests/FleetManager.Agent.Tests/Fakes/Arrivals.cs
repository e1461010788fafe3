using System.Security.Cryptography;
using System.Text;
using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>Events as the local API hands them to the store.</summary>
internal static class Arrivals
{
    /// <summary>An event of that time, as its producer's clock had it.</summary>
    public static NewEvent At(DateTimeOffset stamp)
    {
        var arrival = New();
        var body = Encoding.UTF8.GetBytes($$"""{"eventType":"custom","eventData":{},"timestamp":"{{stamp.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'}}"}""");
        return arrival with { Event = arrival.Event with { Body = body } };
    }

    public static NewEvent New(string? useCase = "line", bool draft = false, params string[] pictures)
    {
        var images = pictures.Select(p => new NewImage(Convert.ToHexStringLower(SHA256.HashData(Pictures.Jpeg(p))), Pictures.Jpeg(p))).ToList();
        var json = images.Count == 0 ? null : Encoding.UTF8.GetBytes("[" + string.Join(",", images.Select(i => $$"""{"output":"{{i.Hash}}"}""")) + "]");
        var stored = new StoredEvent(Guid.NewGuid().ToString(), useCase, null, """{"eventType":"custom","eventData":{},"timestamp":"2026-01-02T03:04:05Z"}"""u8.ToArray(), json);
        return new NewEvent(stored, images, draft);
    }
}
