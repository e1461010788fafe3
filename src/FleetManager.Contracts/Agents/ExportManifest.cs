using System.Security.Cryptography;
using System.Text;

namespace FleetManager.Contracts.Agents;

/// <summary>
/// <c>manifest.json</c> of an archive that <c>fleet-agent export</c> writes (decision 90): what it holds, and what the device knows of every number
/// that it has given out. The archive is a tar of <c>images/HASH</c>, <c>events/N.json</c> (a batch each), <c>manifest.json</c> and <c>signature</c>.
/// </summary>
/// <param name="Version">Version of the format, <see cref="CurrentVersion"/>.</param>
/// <param name="DeviceId">The device, which is the origin of every event inside.</param>
/// <param name="Epoch">The store.</param>
/// <param name="ExportedAt">When, by the device's clock.</param>
/// <param name="LastSeq">Highest number given out.</param>
/// <param name="Events">Events inside.</param>
/// <param name="Images">Images inside.</param>
/// <param name="Exported">Their numbers.</param>
/// <param name="Held">Numbers that the device takes the server to hold already.</param>
/// <param name="Parked">Numbers of events that the server refused, which stay on the device.</param>
/// <param name="Losses">Losses that were not told to the server yet.</param>
/// <param name="ContentHash">SHA-256 over all members before this one, 64 hexadecimal digits; see <see cref="ExportSeal"/>.</param>
public sealed record ExportManifest(
    int Version,
    string DeviceId,
    Guid Epoch,
    DateTimeOffset ExportedAt,
    long LastSeq,
    long Events,
    long Images,
    IReadOnlyList<SeqRange> Exported,
    IReadOnlyList<SeqRange> Held,
    IReadOnlyList<SeqRange> Parked,
    IReadOnlyList<DeclaredLoss> Losses,
    string ContentHash)
{
    /// <summary>The format that this version writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Name of the member that holds the manifest.</summary>
    public const string Name = "manifest.json";

    /// <summary>Name of the last member: the signature of the manifest, 64 hexadecimal digits.</summary>
    public const string SignatureName = "signature";

    /// <summary>Where images are, each under the SHA-256 of its bytes.</summary>
    public const string ImagesFolder = "images/";

    /// <summary>Where batches of events are, each the body of a batch request.</summary>
    public const string EventsFolder = "events/";

    /// <summary>Most bytes of a manifest.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;
}

/// <summary>What makes an export tamper-proof: one hash over its content, which stands in the manifest, and a signature over the manifest.</summary>
public sealed class ExportSeal : IDisposable
{
    private static readonly byte[] s_purpose = "fleet-agent export 1"u8.ToArray();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>A member begins: its name and its length go into the hash, so that no byte can move from one member to another.</summary>
    public void Begin(string name, long length) => _hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{length}\n"));

    /// <summary>More of its content.</summary>
    public void Append(ReadOnlySpan<byte> content) => _hash.AppendData(content);

    /// <summary>The hash over everything so far.</summary>
    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <summary>
    /// The signature of a manifest: HMAC-SHA256 under a key that is derived from the hash of the device key, which is what the server has of it.
    /// </summary>
    /// <param name="keyHash">See <see cref="Secret.Hash"/>.</param>
    /// <param name="manifest">The bytes of the manifest.</param>
    public static string Sign(string keyHash, ReadOnlySpan<byte> manifest) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(HMACSHA256.HashData(Encoding.ASCII.GetBytes(keyHash), s_purpose), manifest));

    /// <summary>Whether a signature is that of the manifest, in a time that does not tell how much of it is right.</summary>
    public static bool IsValid(string keyHash, ReadOnlySpan<byte> manifest, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(keyHash, manifest)), signature);

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
