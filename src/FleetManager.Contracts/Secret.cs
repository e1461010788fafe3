using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace FleetManager.Contracts;

/// <summary>
/// A generated secret (API key, device key, enrollment token, one-time link): 256 random bits, so a plain SHA-256 is all that
/// needs to be stored. The text always holds lower-case letters: the reference's SDK takes an all upper-case key for a placeholder.
/// </summary>
public static class Secret
{
    /// <summary>Prefix of API keys.</summary>
    public const string ApiKeyPrefix = "fk_";

    /// <summary>Prefix of device keys.</summary>
    public const string DeviceKeyPrefix = "fd_";

    /// <summary>Prefix of enrollment tokens.</summary>
    public const string EnrollmentTokenPrefix = "fe_";

    /// <summary>Prefix of one-time sign-in and set-password links.</summary>
    public const string LinkPrefix = "fl_";

    /// <summary>How much of a secret may be shown again, to tell keys apart: the prefix and six characters.</summary>
    public const int VisibleLength = 9;

    /// <summary>Makes a secret: the prefix and 64 lower-case hexadecimal digits.</summary>
    public static string New(string prefix) => prefix + RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>What is stored in place of the secret: its SHA-256, in URL-safe base 64.</summary>
    public static string Hash(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The part that may be shown and logged.</summary>
    public static string Visible(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return secret.Length <= VisibleLength ? "…" : secret[..VisibleLength] + "…";
    }
}
