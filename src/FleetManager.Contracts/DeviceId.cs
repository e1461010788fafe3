using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace FleetManager.Contracts;

/// <summary>
/// A device's immutable identity: lower-case and URL-safe, at most 64 characters. It is also the MQTT user name and client id,
/// and a single topic level, so it can never hold <c>/</c>, <c>+</c>, <c>#</c> or <c>$</c>.
/// </summary>
public readonly record struct DeviceId
{
    private const int MaxLength = 64;
    private const string Base32 = "0123456789abcdefghjkmnpqrstvwxyz";

    private DeviceId(string value) => Value = value;

    /// <summary>The text form.</summary>
    public string Value => field ?? "";

    /// <summary>Makes a new id: 26 characters (Crockford base 32), the first 10 being the time, so that ids sort by age.</summary>
    public static DeviceId New(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        Span<char> text = stackalloc char[26];
        var millis = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 9; i >= 0; i--, millis >>= 5)
        {
            text[i] = Base32[(int)(millis & 31)];
        }

        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        for (var i = 0; i < random.Length; i++)
        {
            text[10 + i] = Base32[random[i] & 31];
        }

        return new DeviceId(new string(text));
    }

    /// <summary>Reads an id; false when the text is empty, too long, or holds anything but <c>a-z 0-9 - _</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength || !char.IsAsciiLetterOrDigit(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        id = new DeviceId(text);
        return true;
    }

    public override string ToString() => Value;
}
