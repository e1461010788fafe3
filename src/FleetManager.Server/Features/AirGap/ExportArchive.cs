using System.Buffers;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Events.Bundles;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.AirGap;

/// <summary>
/// Reads an archive of <c>fleet-agent export</c> (decision 90). Its signature stands at its end, so it is read twice: to its end before
/// anything in it is believed, and then for its content.
/// </summary>
internal static class ExportArchive
{
    private const string What = "The archive";
    private const int MaxEntries = 2_000_000;
    private const int BufferSize = 128 * 1024;
    private const int MaxSignature = 1024;

    /// <summary>The manifest, whose hash is that of the content; a bad request when anything is not as an agent writes it.</summary>
    public static async Task<SealedManifest> CheckAsync(Stream archive, CancellationToken cancellationToken)
    {
        using var seal = new ExportSeal();
        var members = new TarMembers(archive, What, MaxEntries);
        var member = await members.NextAsync(cancellationToken);
        for (; member is not null && IsContent(member.Name); member = await members.NextAsync(cancellationToken))
        {
            await AppendAsync(seal, member, cancellationToken);
        }

        if (member?.Name != ExportManifest.Name)
        {
            throw new BadHttpRequestException(member is null
                ? $"{What} has no {ExportManifest.Name}: it was not written by fleet-agent export."
                : $"{What} holds '{member.Name}' where an export has images, events or its manifest: it was not written by fleet-agent export.");
        }

        var json = await ReadAsync(member, ExportManifest.MaxBytes, cancellationToken);
        var signature = await members.NextAsync(cancellationToken) is { Name: ExportManifest.SignatureName } last
            ? await ReadAsync(last, MaxSignature, cancellationToken)
            : throw new BadHttpRequestException($"{What} has no signature behind its manifest: it was cut off, or changed.");
        if (await members.NextAsync(cancellationToken) is { } more)
        {
            throw new BadHttpRequestException($"{What} holds '{more.Name}' behind its signature: it was changed after it was written.");
        }

        var manifest = Parse(json);
        return manifest.ContentHash == seal.Finish()
            ? new SealedManifest(manifest, json, signature)
            : throw new BadHttpRequestException($"The content of the archive does not have the hash that its manifest names: it was damaged, or changed. Copy it from the device again.");
    }

    /// <summary>Images and batches of a checked archive, in order.</summary>
    public static async IAsyncEnumerable<TarMember> ContentAsync(
        Stream archive,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var members = new TarMembers(archive, What, MaxEntries);
        while (await members.NextAsync(cancellationToken) is { } member && IsContent(member.Name))
        {
            yield return member;
        }
    }

    private static bool IsContent(string name) =>
        name.StartsWith(ExportManifest.ImagesFolder, StringComparison.Ordinal) || name.StartsWith(ExportManifest.EventsFolder, StringComparison.Ordinal);

    private static async Task AppendAsync(ExportSeal seal, TarMember member, CancellationToken cancellationToken)
    {
        seal.Begin(member.Name, member.Size);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (int read; (read = await member.Content.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                seal.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<byte[]> ReadAsync(TarMember member, int limit, CancellationToken cancellationToken)
    {
        var content = new MemoryStream();
        await using var limited = new LimitedStream(member.Content, limit, member.Name);
        await limited.CopyToAsync(content, cancellationToken);
        return content.ToArray();
    }

    private static ExportManifest Parse(byte[] json)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(json, ContractsJson.Default.ExportManifest);
            return manifest switch
            {
                { Version: not ExportManifest.CurrentVersion } => throw new BadHttpRequestException(
                    $"The archive has version {manifest.Version} and this server reads version {ExportManifest.CurrentVersion}: use a server as new as the agent."),
                { DeviceId.Length: > 0, ContentHash.Length: > 0, Losses: not null, Exported: not null, Held: not null, Parked: not null } when manifest.Epoch != Guid.Empty => manifest,
                _ => throw new BadHttpRequestException($"{ExportManifest.Name} lacks members that every export has: it was not written by fleet-agent export."),
            };
        }
        catch (JsonException fault)
        {
            throw new BadHttpRequestException($"{ExportManifest.Name} can not be read: {fault.Message}");
        }
    }
}

/// <param name="Manifest">What it says.</param>
/// <param name="Json">Its bytes, which are what is signed.</param>
/// <param name="Signature">To be checked with the device's key.</param>
internal sealed record SealedManifest(ExportManifest Manifest, byte[] Json, byte[] Signature);
