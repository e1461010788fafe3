using FleetManager.Server.Features.Images;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.AirGap;

/// <summary>An uploaded archive, as a file that is gone when it is done with: its signature stands at its end, so it must be here as a whole.</summary>
internal sealed class ImportUpload : IDisposable
{
    /// <summary>Most bytes of an upload; the command line has no limit.</summary>
    public const long MaxBytes = 2L * 1024 * 1024 * 1024;

    private ImportUpload(string path) => Path = path;

    public string Path { get; }

    /// <summary>Receives a stream to its end, which refuses by itself what is too much.</summary>
    public static async Task<ImportUpload> ReceiveAsync(IncomingFolder folder, Stream source, CancellationToken cancellationToken)
    {
        await using var file = folder.Create();
        var upload = new ImportUpload(file.Name);
        try
        {
            await source.CopyToAsync(file, cancellationToken);
            return upload;
        }
        catch (Exception fault)
        {
            upload.Dispose();
            throw fault is IOException and not BadHttpRequestException ? new BusyException("the upload can not be written", fault) : fault;
        }
    }

    public void Dispose() => File.Delete(Path);
}
