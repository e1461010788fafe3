using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FleetManager.Server.Features.Admin;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images;

/// <summary>
/// Addresses that fetch one image of one workspace without a key, until they expire: what answers carry, so that a browser can open them. Made
/// again on the same day they are the same, so caches work. The secret lies with the other keys of the server.
/// </summary>
internal sealed class ImageLinks(IOptions<FleetOptions> options, TimeProvider time)
{
    public const string Root = "/vision-events/images/";
    public const string Workspace = "ws";
    public const string Expires = "expires";
    public const string Signature = "sig";
    private const int SecretBytes = 32;
    private const int SignatureBytes = 16;
    private readonly byte[] _secret = ReadOrMake(options.Value.PathOf(Path.Combine("keys", "image-links.key")));

    /// <summary>Turns ids of the workspace's images into addresses of their originals, on the host that the request was sent to.</summary>
    public Func<string, string> UrlsFor(HttpRequest request, int workspaceId)
    {
        var start = $"{request.Scheme}://{request.Host}{request.PathBase}{Root}";
        // At midnight, so that all links of a day are the same.
        var expires = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date.AddDays(options.Value.Images.LinkDays + 1), TimeSpan.Zero).ToUnixTimeSeconds();
        return id => string.Create(
            CultureInfo.InvariantCulture,
            $"{start}{id}?{Workspace}={workspaceId}&{Expires}={expires}&{Signature}={Sign(workspaceId, id, ImageVariant.Original.Name, expires)}");
    }

    /// <summary>The workspace that the link opens its image of; null when it is expired, changed or not of this server.</summary>
    public int? Check(IQueryCollection query, string sourceId, string variant) =>
        int.TryParse(query[Workspace], CultureInfo.InvariantCulture, out var workspaceId)
        && long.TryParse(query[Expires], CultureInfo.InvariantCulture, out var expires)
        && expires > time.GetUtcNow().ToUnixTimeSeconds()
        && query[Signature].ToString() is var signature
        // Who may see the original may see every smaller picture of it.
        && (Matches(signature, Sign(workspaceId, sourceId, variant, expires)) | Matches(signature, Sign(workspaceId, sourceId, ImageVariant.Original.Name, expires)))
            ? workspaceId
            : null;

    private string Sign(int workspaceId, string sourceId, string variant, long expires)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{workspaceId}\n{sourceId}\n{variant}\n{expires}");
        return Base64Url.EncodeToString(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, SignatureBytes));
    }

    /// <summary>Takes the same time wherever the texts differ.</summary>
    private static bool Matches(string given, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(right));

    /// <summary>Servers that share a data directory share the secret: the first one's is it.</summary>
    private static byte[] ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            var unfinished = $"{path}.{Guid.NewGuid():n}";
            BackupArchive.MakePrivate(unfinished);
            using (var file = new FileStream(unfinished, FileMode.Open, FileAccess.Write))
            {
                file.Write(RandomNumberGenerator.GetBytes(SecretBytes));
                file.Flush(flushToDisk: true);
            }

            try
            {
                File.Move(unfinished, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(unfinished);
            }
        }

        return File.ReadAllBytes(path) is { Length: SecretBytes } secret
            ? secret
            : throw new StartFault($"{path} is not a secret of this server: restore it from a backup, or delete it, which ends all links to images.");
    }
}
