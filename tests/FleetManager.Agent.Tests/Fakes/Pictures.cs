using System.Text;

namespace FleetManager.Agent.Tests.Fakes;

internal static class Pictures
{
    /// <summary>Bytes that begin as a JPEG does, different for every name.</summary>
    public static byte[] Jpeg(string name) => [0xFF, 0xD8, 0xFF, 0xE0, .. Encoding.UTF8.GetBytes(name)];

    public static string Base64(string name) => Convert.ToBase64String(Jpeg(name));
}
