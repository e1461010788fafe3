using Microsoft.AspNetCore.Http.Features;

namespace FleetManager.Server.Setup;

/// <summary>Opens the body of a request as its sender meant it: unpacked when it came with <c>Content-Encoding: gzip</c>.</summary>
internal static class BodyEncoding
{
    private const string What = "The body";

    /// <summary>
    /// A body of at most <paramref name="limit"/> bytes, on the wire and unpacked alike. A declared length over it is refused (413) before
    /// anything is read; an encoding that is not known here is refused (415).
    /// </summary>
    public static Stream OpenBody(this HttpRequest request, long limit)
    {
        var gzip = request.IsGzip();
        if (!gzip && request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding and not "identity")
        {
            throw new BadHttpRequestException(
                $"Content-Encoding '{encoding}' can not be read here: send the body plain or as gzip.", StatusCodes.Status415UnsupportedMediaType);
        }

        if (request.ContentLength > limit)
        {
            throw LimitedStream.TooLarge(What, limit);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // The limit is this route's own, told in its own words; the server's would cut in with another number.
            feature.MaxRequestBodySize = null;
        }

        var body = new LimitedStream(request.Body, limit, What);

        // Both sides of the unpacking are counted: a few bytes can unpack to millions, and millions of empty members to nothing.
        return gzip ? new LimitedStream(new GunzipStream(body, What), limit, What) : body;
    }

    public static bool IsGzip(this HttpRequest request) =>
        request.Headers.ContentEncoding.ToString().Trim() is var encoding
        && (encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase) || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase));
}
