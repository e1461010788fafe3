using System.Text;
using System.Text.Json;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FleetManager.Server.Features.Images;

/// <summary>
/// The parts of an upload (vision-events.md 6): <c>file</c>, and maybe <c>name</c> and <c>metadata</c>, in any order. Read as they come: an image
/// is never in memory as a whole.
/// </summary>
internal sealed class ImageUpload : IDisposable
{
    private const int MaxParts = 20;
    private const int MaxTextBytes = 256 * 1024;
    private const int BufferSize = 64 * 1024;
    private const long MaxBodyBytes = EventLimits.ImageBytes + 1024 * 1024;

    public IncomingImage? File { get; private set; }

    /// <summary>The part <c>name</c>.</summary>
    public string? Name { get; private set; }

    /// <summary>What the file was called at the sender's: a name for want of a better one.</summary>
    public string? FileName { get; private set; }

    public string? Metadata { get; private set; }

    public static async Task<ImageUpload> ReadAsync(HttpRequest request, IncomingFolder folder, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBodyBytes)
        {
            throw TooLarge();
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = MaxBodyBytes;
        }

        var boundary = BoundaryOf(request);
        var reader = new MultipartReader(boundary, new FullReads(request.Body), BufferSize) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
        var upload = new ImageUpload();
        try
        {
            for (var parts = 0; await MultipartFaults.GuardAsync(async () => await reader.ReadNextSectionAsync(cancellationToken)) is { } section; parts++)
            {
                if (parts == MaxParts)
                {
                    throw new BadHttpRequestException($"The multipart body has more than {MaxParts} parts.");
                }

                await upload.ReadPartAsync(section, folder, cancellationToken);
            }

            return upload;
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    public static BadHttpRequestException TooLarge() => new(
        $"The image is larger than {EventLimits.ImageBytes / (1024 * 1024)} MiB, which is the limit.",
        StatusCodes.Status413PayloadTooLarge);

    public void Dispose() => File?.Dispose();

    private async Task ReadPartAsync(MultipartSection section, IncomingFolder folder, CancellationToken cancellationToken)
    {
        var disposition = section.GetContentDispositionHeader();
        switch (HeaderUtilities.RemoveQuotes(disposition?.Name ?? "").Value)
        {
            case "file" when File is null:
                File = await IncomingImage.ReceiveAsync(folder, section.Body, cancellationToken);
                FileName = FileNameOf(disposition!);
                break;
            case "file":
                throw new BadHttpRequestException("The part 'file' is there twice: upload one image per request.");
            case "name":
                Name = await ReadNameAsync(section, cancellationToken);
                break;
            case "metadata":
                Metadata = await ReadMetadataAsync(section, cancellationToken);
                break;
        }
    }

    /// <summary>Only a name for people: one that can not be kept is none, and no reason to refuse the image.</summary>
    private static string? FileNameOf(ContentDispositionHeaderValue disposition) =>
        HeaderUtilities.RemoveQuotes(disposition.FileName).Value is { Length: > 0 and <= EventLimits.ShortTextLength } name && !name.Contains('\0') ? name : null;

    private static async Task<string?> ReadNameAsync(MultipartSection section, CancellationToken cancellationToken)
    {
        var name = Encoding.UTF8.GetString(await ReadTextAsync(section, "name", cancellationToken)).Trim();
        return name.Length <= EventLimits.ShortTextLength && !name.Contains('\0')
            ? name.Length > 0 ? name : null
            : throw new BadHttpRequestException($"name: must be text of at most {EventLimits.ShortTextLength} characters.");
    }

    private static async Task<string?> ReadMetadataAsync(MultipartSection section, CancellationToken cancellationToken)
    {
        var text = await ReadTextAsync(section, "metadata", cancellationToken);
        if (text.Length == 0)
        {
            return null;
        }

        string? metadata = null;
        var fault = BodyReader.Guard(text, (ref Utf8JsonReader json, ReadOnlySpan<byte> bytes) =>
        {
            json.Read();
            metadata = MetadataReader.Read(ref json, bytes, "metadata", warnings: null);
        });
        return fault is null ? metadata : throw new BadHttpRequestException(fault.Path.Length == 0 ? $"metadata: {fault.Message}" : fault.ToString());
    }

    private static async Task<byte[]> ReadTextAsync(MultipartSection section, string name, CancellationToken cancellationToken)
    {
        var text = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await MultipartFaults.GuardAsync(() => section.Body.ReadAsync(buffer, cancellationToken))) > 0)
        {
            text.Write(buffer.AsSpan(0, read));
            if (text.Length > MaxTextBytes)
            {
                throw new BadHttpRequestException($"{name}: is larger than {MaxTextBytes / 1024} KiB.");
            }
        }

        return text.ToArray();
    }

    private static string BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= 200 } boundary
            ? boundary
            : throw new BadHttpRequestException("Send the image as multipart/form-data with a boundary, in a part named 'file'.");
}
