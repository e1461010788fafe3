using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Tests.Bundles;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.AirGap;

/// <summary>Archives as <c>fleet-agent export</c> writes them, and as somebody might change them.</summary>
public sealed record Export(string DeviceId, string Secret, Guid Epoch)
{
    public static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public List<(string Name, byte[] Content)> Content { get; } = [];

    public List<DeclaredLoss> Losses { get; } = [];

    internal static Export Of(TestDevice device) => new(device.Id.Value, device.Secret, Guid.NewGuid());

    public string Image(byte[] picture)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(picture));
        Content.Add(($"images/{hash}", picture));
        return hash;
    }

    public string Event(string useCase, long seq, string? image = null) =>
        $$$"""{"eventId":"{{{Epoch}}}-{{{seq}}}","useCaseId":"{{{useCase}}}","deviceId":"press 4","eventType":"custom","eventData":{},"timestamp":"{{{Stamp}}}"{{{ImagesOf(image)}}},"store":{"epoch":"{{{Epoch}}}","seq":{{{seq}}}}}""";

    private static string Stamp => Now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static string ImagesOf(string? image) => image is null ? "" : $",\"images\":[{{\"sourceId\":\"{image}\"}}]";

    public void Batch(params IEnumerable<string> events) =>
        Content.Add(($"events/{Content.Count:d8}.json", Encoding.UTF8.GetBytes($"{{\"events\":[{string.Join(",", events)}]}}")));

    /// <summary>The archive, after whatever a test does to its manifest and its members.</summary>
    public byte[] Write(
        Func<ExportManifest, ExportManifest>? change = null,
        Func<IReadOnlyList<(string Name, byte[] Content)>, IEnumerable<(string Name, byte[] Content)>>? swap = null)
    {
        using var seal = new ExportSeal();
        foreach (var (name, content) in Content)
        {
            seal.Begin(name, content.Length);
            seal.Append(content);
        }

        var manifest = new ExportManifest(ExportManifest.CurrentVersion, DeviceId, Epoch, Now, 100, Content.Count, 0, [], [], [], Losses, seal.Finish());
        var json = JsonSerializer.SerializeToUtf8Bytes(change?.Invoke(manifest) ?? manifest, ContractsJson.Default.ExportManifest);
        List<(string, byte[])> members =
        [
            .. Content,
            (ExportManifest.Name, json),
            (ExportManifest.SignatureName, Encoding.ASCII.GetBytes(ExportSeal.Sign(Contracts.Secret.Hash(Secret), json))),
        ];
        return Tar.Write(TarEntryFormat.Ustar, [.. swap?.Invoke(members) ?? members]);
    }
}
