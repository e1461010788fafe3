using System.Security.Cryptography;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// An event as the journal keeps it: near the server's shape, so that sending it is little more than copying. The use case and the device
/// stand beside the body, because what an event that names none gets is decided when it is sent.
/// </summary>
/// <param name="Id">Made on acceptance; the server's <c>eventId</c>, so that sending it twice changes nothing.</param>
/// <param name="UseCase">The use case it names, if it names one.</param>
/// <param name="Device">The device it names, if it names one.</param>
/// <param name="Body">JSON object of the other members of the server's event, without images.</param>
/// <param name="Images">JSON array of its images (see <see cref="StoredImages"/>), or null.</param>
internal sealed record StoredEvent(string Id, string? UseCase, string? Device, byte[] Body, byte[]? Images)
{
    /// <summary>What it takes in the journal.</summary>
    public long OwnBytes => Body.Length + (Images?.Length ?? 0);
}

/// <summary>An event that a producer hands in, with the bytes of its images.</summary>
internal sealed record NewEvent(StoredEvent Event, IReadOnlyList<NewImage> Images, bool Draft);

/// <summary>An event under an id of its sender, whose images were uploaded before, here or elsewhere: they have source ids.</summary>
internal sealed record CloudArrival(StoredEvent Event)
{
    /// <summary>The event with the images that are here named by their files; the others keep the ids of wherever they are.</summary>
    public StoredEvent Resolve(Func<string, bool> isHere) => Event with { Images = StoredImages.Resolve(Event.Images, isHere) };
}

/// <summary>An image and the SHA-256 of it, 64 lower-case hexadecimal digits, which is also its file's name.</summary>
internal sealed record NewImage(string Hash, ReadOnlyMemory<byte> Content)
{
    public static NewImage Of(byte[] content) => new(Convert.ToHexStringLower(SHA256.HashData(content)), content);
}

/// <summary>A stored event and its number.</summary>
internal sealed record NumberedEvent(long Seq, StoredEvent Event, long Bytes, DateTimeOffset ReceivedAt);

/// <summary>What became of an event that was handed in.</summary>
internal enum AcceptResult
{
    /// <summary>On disk.</summary>
    Accepted,

    /// <summary>Refused for want of room.</summary>
    Full,

    /// <summary>An event of the same id is being sent right now, so it can not be overwritten.</summary>
    Busy,
}
