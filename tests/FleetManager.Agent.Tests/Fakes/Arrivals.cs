using System.Security.Cryptography;
using System.Text;
using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>Events as the local API hands them to the store.</summary>
internal static class Arrivals
{
    public static NewEvent New(string? useCase = "line", bool draft = false, params string[] pictures)
    {
        var images = pictures.Select(p => new NewImage(Convert.ToHexStringLower(SHA256.HashData(Pictures.Jpeg(p))), Pictures.Jpeg(p))).ToList();
        var json = images.Count == 0 ? null : Encoding.UTF8.GetBytes("[" + string.Join(",", images.Select(i => $$"""{"output":"{{i.Hash}}"}""")) + "]");
        var stored = new StoredEvent(Guid.NewGuid().ToString(), useCase, null, """{"eventType":"custom","eventData":{},"timestamp":"2026-01-02T03:04:05Z"}"""u8.ToArray(), json);
        return new NewEvent(stored, images, draft);
    }
}
