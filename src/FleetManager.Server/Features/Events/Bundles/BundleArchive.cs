using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>What a bundle holds, received whole: the payload in memory, each image as a file that is gone unless it is kept.</summary>
internal sealed class BundleArchive : IDisposable
{
    private const string PayloadName = "payload.json";
    private const string ImagesFolder = "images/";

    private readonly Dictionary<string, IncomingImage> _images = new(StringComparer.Ordinal);
    private RequestBody? _payload;

    public ReadOnlySpan<byte> Payload => _payload!.Bytes;

    /// <summary>Images by the path of their member.</summary>
    public IReadOnlyDictionary<string, IncomingImage> Images => _images;

    /// <summary>Reads an archive to its end. What is neither the payload nor below <c>images/</c> is passed over: those names are reserved.</summary>
    public static async Task<BundleArchive> ReadAsync(Stream body, IncomingFolder incoming, IngestBudget budget, CancellationToken cancellationToken)
    {
        var archive = new BundleArchive();
        try
        {
            await using var tar = await UnpackedStream.OpenAsync(body, cancellationToken);
            var members = new TarMembers(tar);
            while (await members.NextAsync(cancellationToken) is { } member)
            {
                await archive.TakeAsync(member, incoming, budget, cancellationToken);
            }

            // The padding behind the end, and with it the checksum of gzip.
            await tar.CopyToAsync(Stream.Null, cancellationToken);
            return archive._payload is not null ? archive : throw new BadHttpRequestException($"The bundle has no {PayloadName} at its top.");
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _payload?.Dispose();
        foreach (var image in _images.Values)
        {
            image.Dispose();
        }
    }

    private async Task TakeAsync(TarMember member, IncomingFolder incoming, IngestBudget budget, CancellationToken cancellationToken)
    {
        if (member.Name == PayloadName)
        {
            await using var content = new LimitedStream(member.Content, EventLimits.EventBodyBytes, PayloadName);
            _payload = await RequestBody.ReadAsync(content, EventLimits.EventBodyBytes, budget, cancellationToken);
        }
        else if (member.Name.StartsWith(ImagesFolder, StringComparison.Ordinal))
        {
            _images.Add(member.Name, await IncomingImage.ReceiveAsync(incoming, member.Content, cancellationToken));
        }
    }
}
