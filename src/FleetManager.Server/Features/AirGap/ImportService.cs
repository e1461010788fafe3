using System.Text.Json.Nodes;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Data;
using FleetManager.Data.Audit;
using FleetManager.Server.Features.Events.Bundles;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Reading;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Live;
using FleetManager.Server.Setup;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.AirGap;

/// <summary>
/// Takes in what a device exported to a file, by the same path as what it sends itself: as that device, with receipts, each event once however
/// often the file comes. Nothing is taken before the whole archive was read and its signature checked.
/// </summary>
internal sealed class ImportService(
    IDbContextFactory<FleetDb> databases,
    IngestService ingest,
    ImageService images,
    ReceiptService receipts,
    IncomingFolder incoming,
    IngestBudget budget,
    ChangeFeed changes,
    TimeProvider time)
{
    private const int LossesAtOnce = 1000;
    private const string ImageRefused = "image_refused";
    private static readonly TimeSpan s_busyPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The result, or one sentence that says why the archive is refused.</summary>
    /// <param name="workspaceId">The workspace that the device must be of; null for any.</param>
    /// <param name="path">The archive.</param>
    /// <param name="actor">Who brings it, for the audit log.</param>
    /// <param name="progress">Told of the events that are through.</param>
    /// <param name="cancellationToken">Ends it; what was taken by then stays, and a repeat goes on.</param>
    public async Task<(ImportResult? Result, string? Fault)> ImportAsync(
        int? workspaceId, string path, string actor, IProgress<ImportResult>? progress, CancellationToken cancellationToken)
    {
        try
        {
            SealedManifest archive;
            await using (var stream = Open(path))
            {
                archive = await ExportArchive.CheckAsync(stream, cancellationToken);
            }

            var (device, fault) = await FindDeviceAsync(workspaceId, archive, cancellationToken);
            return device is null ? (null, fault) : (await TakeAsync(device, archive.Manifest, path, actor, progress, cancellationToken), null);
        }
        catch (BadHttpRequestException refused)
        {
            return (null, refused.Message);
        }
    }

    private async Task<ImportResult> TakeAsync(
        Caller device, ExportManifest manifest, string path, string actor, IProgress<ImportResult>? progress, CancellationToken cancellationToken)
    {
        var result = new ImportResult { DeviceId = manifest.DeviceId, Epoch = manifest.Epoch, Events = manifest.Events };
        var refused = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var stream = Open(path))
        {
            await foreach (var member in ExportArchive.ContentAsync(stream, cancellationToken))
            {
                if (member.Name.StartsWith(ExportManifest.ImagesFolder, StringComparison.Ordinal))
                {
                    await TakeImageAsync(device, member, refused, result, cancellationToken);
                }
                else
                {
                    await TakeBatchAsync(device, member, refused, result, cancellationToken);
                    progress?.Report(result);
                }
            }
        }

        foreach (var losses in manifest.Losses.Chunk(LossesAtOnce))
        {
            await receipts.DeclareAsync(device, new LossReport(manifest.Epoch, losses), cancellationToken);
        }

        await AuditAsync(device, result, actor, cancellationToken);
        changes.Publish(new Change(device.WorkspaceId, ChangeKind.Device, manifest.DeviceId));
        return result;
    }

    private async Task TakeImageAsync(Caller device, TarMember member, Dictionary<string, string> refused, ImportResult result, CancellationToken cancellationToken)
    {
        var name = member.Name[ExportManifest.ImagesFolder.Length..];
        using var image = await IncomingImage.ReceiveAsync(incoming, member.Content, cancellationToken);
        if (image.SourceId != name)
        {
            throw new BadHttpRequestException($"'{member.Name}' does not hold the image that it is named after: the archive was not written by fleet-agent export.");
        }

        if (image.Fault is { } fault)
        {
            // As if it had been uploaded: the event that names it is refused, and stays on the device.
            refused[name] = $"An image of the event {fault}";
            return;
        }

        await WhenNotBusyAsync(
            async () =>
            {
                await images.KeepAsync(device.WorkspaceId, image, name: null, fileName: null, metadata: null, cancellationToken);
                return true;
            },
            cancellationToken);
        result.Images++;
    }

    private async Task TakeBatchAsync(Caller device, TarMember member, Dictionary<string, string> refused, ImportResult result, CancellationToken cancellationToken)
    {
        await using var content = new LimitedStream(member.Content, EventLimits.BatchBodyBytes, member.Name);
        using var body = await RequestBody.ReadAsync(content, (int)Math.Min(member.Size, EventLimits.BatchBodyBytes), budget, cancellationToken);
        var items = BodyReader.ReadBatch(body.Bytes, ingest.ReaderFor(device), out var broken);
        if (broken is not null)
        {
            throw new BadHttpRequestException($"{member.Name}: {broken}");
        }

        items = [.. items.Select(i => i.Event?.Sources.Find(s => refused.ContainsKey(s.SourceId)).SourceId is { } source
            ? i with { Event = null, Fault = new EventFault(ImageRefused, "images", refused[source]) }
            : i)];
        result.Add(await WhenNotBusyAsync(() => ingest.IngestPartialAsync(device, items, cancellationToken), cancellationToken));
    }

    /// <summary>The devices that send over the network go before; a person who waits for a file can wait a little longer.</summary>
    private async Task<T> WhenNotBusyAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await work();
            }
            catch (BusyException)
            {
                await Task.Delay(s_busyPause, time, cancellationToken);
            }
        }
    }

    private async Task<(Caller? Device, string? Fault)> FindDeviceAsync(int? workspaceId, SealedManifest archive, CancellationToken cancellationToken)
    {
        var id = archive.Manifest.DeviceId;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = !DeviceId.TryParse(id, out var deviceId) ? null : await db.Devices.AsNoTracking()
            .Where(d => d.DeviceId == deviceId.Value && (workspaceId == null || d.WorkspaceId == workspaceId))
            .Join(db.Workspaces, d => d.WorkspaceId, w => w.Id, (d, w) => new { d.Key, d.KeyHash, d.RevokedAt, d.WorkspaceId, w.Slug })
            .FirstOrDefaultAsync(cancellationToken);
        return found switch
        {
            null or { KeyHash: null } => (null, $"The archive says that it is of device '{id}', which is not a device of this workspace."),
            { RevokedAt: not null } => (null, $"The key of device {id} was revoked: nothing is taken in its name any more."),
            _ when !ExportSeal.IsValid(found.KeyHash, archive.Json, archive.Signature) =>
                (null, $"The signature is not that of device {id}: the archive was changed, or the device was enrolled anew since. Export it again."),
            _ => (new Caller
            {
                WorkspaceId = found.WorkspaceId,
                WorkspaceSlug = found.Slug,
                Actor = $"device:{id}",
                DeviceId = deviceId,
                DeviceKey = found.Key,
                GrantedScopes = Scopes.OfDevices,
            }, null),
        };
    }

    private async Task AuditAsync(Caller device, ImportResult result, string actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.AuditEntries.Add(new AuditEntry
        {
            WorkspaceId = device.WorkspaceId,
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "device.imported",
            Subject = result.DeviceId,
            Detail = new JsonObject { ["events"] = result.Events, ["created"] = result.Created, ["refused"] = result.Refused, ["images"] = result.Images }.ToJsonString(),
        });
        await db.SaveChangesAsync(cancellationToken);
    }

    private static FileStream Open(string path) =>
        new(path, new FileStreamOptions { BufferSize = 256 * 1024, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
}
