using System.Security.Cryptography;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Keys;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>
/// Takes in one event with its images from one archive (vision-events.md 7). Everything that can be wrong is looked for before the first image is
/// kept, so a bundle that is refused leaves nothing behind.
/// </summary>
internal sealed class BundleService(IngestService ingest, ImageService images, IncomingFolder incoming, IngestBudget budget)
{
    /// <summary>The id of the event, or what is wrong. The same bundle sent again is the same event, also when it names no id.</summary>
    public async Task<(string? EventId, EventFault? Fault)> CreateAsync(Caller caller, Stream body, string? useCaseId, CancellationToken cancellationToken)
    {
        using var archive = await BundleArchive.ReadAsync(body, incoming, budget, cancellationToken);
        var named = new HashSet<IncomingImage>();
        var payload = new BundlePayload(useCaseId, (path, member) =>
        {
            var image = Find(archive, path, member);
            named.Add(image);
            return image.SourceId;
        });
        if (payload.Read(archive.Payload) is { } unreadable)
        {
            return (null, unreadable);
        }

        var item = ReadEvent(caller, payload, out var broken);
        if ((broken ?? await ingest.FindFaultAsync(caller, item, cancellationToken)) is { } fault)
        {
            return (null, fault);
        }

        foreach (var image in named)
        {
            await images.KeepAsync(caller.WorkspaceId, image, name: null, fileName: null, metadata: null, cancellationToken);
        }

        var answer = await ingest.IngestAllAsync(caller, [item], cancellationToken);
        return answer.Fault is { } late ? (null, late) : (answer.EventIds[0], null);
    }

    private BatchItem ReadEvent(Caller caller, BundlePayload payload, out EventFault? broken)
    {
        var item = BodyReader.ReadEvent(payload.CreateBody, ingest.ReaderFor(caller), out broken);
        if (item.Event is { } parsed)
        {
            parsed.EventId ??= new Guid(SHA256.HashData(payload.CreateBody).AsSpan(0, 16)).ToString();
            item = item with { EventId = parsed.EventId };
        }

        return item;
    }

    private static IncomingImage Find(BundleArchive archive, string path, string member)
    {
        if (!archive.Images.TryGetValue(MemberName.Check(member), out var image))
        {
            throw new EventFaultException(path, $"names '{member}', which the bundle does not hold below images/.");
        }

        return image.Fault is { } fault ? throw new EventFaultException(path, $"'{member}' {fault}") : image;
    }
}
