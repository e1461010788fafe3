using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Sync;

/// <summary>Writes the archive of an export: members as they come, the manifest behind them, the signature last.</summary>
internal sealed class ExportWriter(Stream target) : IAsyncDisposable
{
    private readonly TarWriter _tar = new(target, TarEntryFormat.Ustar, leaveOpen: true);
    private readonly ExportSeal _seal = new();
    private int _batches;

    public async Task AddImageAsync(string hash, Stream content, CancellationToken cancellationToken)
    {
        var name = ExportManifest.ImagesFolder + hash;
        _seal.Begin(name, content.Length);
        var buffer = new byte[64 * 1024];
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            _seal.Append(buffer.AsSpan(0, read));
        }

        content.Position = 0;
        await AddAsync(name, content, cancellationToken);
    }

    public async Task AddBatchAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{ExportManifest.EventsFolder}{++_batches:d8}.json");
        _seal.Begin(name, body.Length);
        _seal.Append(body.Span);
        await AddAsync(name, new MemoryStream(body.ToArray(), writable: false), cancellationToken);
    }

    /// <summary>Ends the archive.</summary>
    /// <param name="manifest">All but its hash.</param>
    /// <param name="keyHash">Hash of the device key, under which it is signed.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task FinishAsync(ExportManifest manifest, string keyHash, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest with { ContentHash = _seal.Finish() }, ContractsJson.Default.ExportManifest);
        await AddAsync(ExportManifest.Name, new MemoryStream(json, writable: false), cancellationToken);
        await AddAsync(ExportManifest.SignatureName, new MemoryStream(Encoding.ASCII.GetBytes(ExportSeal.Sign(keyHash, json)), writable: false), cancellationToken);
        await _tar.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync();
        _seal.Dispose();
    }

    private Task AddAsync(string name, Stream content, CancellationToken cancellationToken) =>
        _tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = content, ModificationTime = DateTimeOffset.UnixEpoch }, cancellationToken);
}
