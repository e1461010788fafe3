using System.Collections.Concurrent;
using FleetManager.Agent.EventStore;
using FleetManager.Agent.Platform;
using FleetManager.Contracts.Events;

namespace FleetManager.Agent.Sync;

/// <summary>
/// Uploads pictures, each once: the id that the server gave is on disk before an event names it, and two batches that show the same picture
/// share one upload.
/// </summary>
internal sealed class ImageUploader(DeviceStore store, BackupRoutes routes, RequestGate gate, SyncStatus status)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Reply<UploadAnswer>>>> _underWay = new(StringComparer.Ordinal);

    /// <summary>Uploads what the server has not got yet, as many at once as the gate admits.</summary>
    public async Task<UploadedImages> UploadAsync(IReadOnlyCollection<string> hashes, CancellationToken cancellationToken)
    {
        var uploaded = new UploadedImages();
        var options = new ParallelOptions { MaxDegreeOfParallelism = gate.Limit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(hashes, options, async (hash, token) =>
        {
            if (uploaded.Interrupted is null)
            {
                uploaded.Add(hash, await SourceAsync(hash, token));
            }
        });
        return uploaded;
    }

    private async Task<Reply<UploadAnswer>> SourceAsync(string hash, CancellationToken cancellationToken)
    {
        var upload = _underWay.GetOrAdd(hash, _ => new Lazy<Task<Reply<UploadAnswer>>>(() => UploadOneAsync(hash, cancellationToken)));
        try
        {
            return await upload.Value;
        }
        finally
        {
            _underWay.TryRemove(KeyValuePair.Create(hash, upload));
        }
    }

    private async Task<Reply<UploadAnswer>> UploadOneAsync(string hash, CancellationToken cancellationToken)
    {
        // Asked only here: an upload that ended a moment ago is in the store before it stops being under way.
        if (store.SourceOf(hash) is { } known)
        {
            return new Reply<UploadAnswer>(new UploadAnswer(true, known, null), null);
        }

        var path = store.ImagePath(hash);
        if (!File.Exists(path))
        {
            return new Reply<UploadAnswer>(null, new Failure(FailureKind.Refused, "image_missing", $"the file of image {hash} is gone from the device"));
        }

        // Before it is sent: the server can not know what it should have been.
        if (store.ImageMatches(hash) == false)
        {
            return new Reply<UploadAnswer>(null, new Failure(FailureKind.Refused, "image_damaged", $"the file of image {hash} is damaged on the device"));
        }

        await gate.EnterAsync(cancellationToken);
        var answered = false;
        try
        {
            var reply = await routes.UploadAsync(path, cancellationToken);
            if (reply.Value is { SourceId.Length: > 0 } answer)
            {
                await store.RememberSourceAsync(hash, answer.SourceId, cancellationToken);
                answered = true;
                status.Succeeded();
            }

            return reply;
        }
        catch (Exception e) when (e is UnreadableBodyException or FileNotFoundException)
        {
            return new Reply<UploadAnswer>(null, new Failure(FailureKind.Refused, "image_unreadable", $"the file of image {hash} can not be read on the device: {e.Message}"));
        }
        finally
        {
            gate.Exit(answered);
        }
    }
}

/// <summary>What became of the pictures of a batch.</summary>
internal sealed class UploadedImages
{
    // So many that fail while none goes up are not to blame for it.
    private const int MostFailed = 3;

    private readonly ConcurrentDictionary<string, string> _sources = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Failure> _refused = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Failure> _failed = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Sources => _sources;

    /// <summary>Pictures that the server will never take.</summary>
    public IReadOnlyDictionary<string, Failure> Refused => _refused;

    /// <summary>Pictures at which the server failed, which may be because of them.</summary>
    public IReadOnlyDictionary<string, Failure> Failed => _failed;

    /// <summary>Whether the server has taken one.</summary>
    public bool Answered => !_sources.IsEmpty;

    /// <summary>Why the uploads stopped before all were done; null when they did not.</summary>
    public Failure? Interrupted { get; private set; }

    public void Add(string hash, Reply<UploadAnswer> reply)
    {
        if (reply.Value is { SourceId.Length: > 0 } answer)
        {
            _sources[hash] = answer.SourceId;
        }
        else if (reply.Failure is { Kind: FailureKind.Refused } refused)
        {
            _refused[hash] = refused;
        }
        else if (reply.Failure is { MayBeTheRequest: true } failed && (Answered || _failed.Count < MostFailed))
        {
            _failed[hash] = failed;
        }
        else
        {
            Interrupted = reply.Failure ?? new Failure(FailureKind.Foreign, "foreign_answer", "the server took an image and gave no sourceId");
        }
    }
}
