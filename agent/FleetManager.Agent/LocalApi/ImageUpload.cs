using FleetManager.Contracts.Events;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FleetManager.Agent.LocalApi;

/// <summary>The parts of an upload (vision-events.md 6).</summary>
/// <param name="Content">The image.</param>
/// <param name="Fault">What is wrong; null when nothing is.</param>
/// <param name="Ignored">Parts that are not kept here, which the sender should know.</param>
internal sealed record ImageUpload(byte[]? Content, EventFault? Fault, IReadOnlyList<string> Ignored)
{
    /// <summary>Most bytes of the whole body.</summary>
    public const long MostBytes = EventLimits.ImageBytes + (1024 * 1024);

    private const int MaxParts = 20;

    public static async Task<ImageUpload> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (BoundaryOf(request) is not { } boundary)
        {
            return Refused("the body", "must be multipart/form-data with a boundary, and the image in a part named 'file'");
        }

        var reader = new MultipartReader(boundary, request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
        byte[]? content = null;
        var ignored = new List<string>();
        for (var parts = 0; await reader.ReadNextSectionAsync(cancellationToken) is { } section; parts++)
        {
            if (parts == MaxParts)
            {
                return Refused("the body", $"must have at most {MaxParts} parts");
            }

            var name = HeaderUtilities.RemoveQuotes(section.GetContentDispositionHeader()?.Name ?? "").ToString();
            if (name != "file")
            {
                if (name is "name" or "metadata")
                {
                    ignored.Add(name);
                }

                continue;
            }

            if (content is not null)
            {
                return Refused("file", "is there twice: upload one image a request");
            }

            using var bytes = new MemoryStream();
            await section.Body.CopyToAsync(bytes, cancellationToken);
            content = bytes.ToArray();
        }

        return content switch
        {
            null => Refused("file", "is missing: send the image in a part of that name"),
            { LongLength: > EventLimits.ImageBytes } => Refused(new EventFault(StatusCodes.Status413PayloadTooLarge, $"file holds {content.LongLength} bytes; an image may have {EventLimits.ImageBytes}")),
            _ when !ImageFormat.IsKnown(content) => Refused("file", $"is not an image: it must be {ImageFormat.Known}"),
            _ => new ImageUpload(content, null, ignored),
        };
    }

    private static ImageUpload Refused(string path, string rule) => Refused(EventFault.Invalid(path, rule));

    private static ImageUpload Refused(EventFault fault) => new(null, fault, []);

    private static string? BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= 200 } boundary
            ? boundary
            : null;
}
