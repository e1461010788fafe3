using System.Security.Cryptography;
using FleetManager.Contracts.Events;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Images;

/// <summary>An image on its way in: a file that is hashed while it is written, and gone unless it is kept.</summary>
internal sealed class IncomingImage : IDisposable
{
    private const int BufferSize = 128 * 1024;
    private const int LinuxNoSpace = 28;
    private const int WindowsNoSpace = unchecked((int)0x80070070);
    private readonly string _path;

    private IncomingImage(string path) => _path = path;

    public long Size { get; private set; }

    public string SourceId { get; private set; } = "";

    public byte[] Head { get; private set; } = [];

    /// <summary>What is wrong with it as an image; null when it is one of the eight formats.</summary>
    public string? Fault => ImageFormats.MediaTypeOf(Head) is null ? $"is {ImageFormats.Describe(Head)}, not an image: send {ImageFormats.Names}." : null;

    /// <summary>Receives a stream to its end; refuses it with 413 as soon as it is larger than an image may be.</summary>
    public static async Task<IncomingImage> ReceiveAsync(IncomingFolder folder, Stream source, CancellationToken cancellationToken)
    {
        var file = Create(folder);
        var image = new IncomingImage(file.Name);
        try
        {
            await using (file)
            {
                await image.CopyAsync(source, file, cancellationToken);
            }

            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    public async Task KeepAsync(IImageStore store, ImageKey key, CancellationToken cancellationToken)
    {
        try
        {
            await store.KeepAsync(_path, key, cancellationToken);
        }
        catch (Exception fault) when (IsOfTheDisk(fault))
        {
            throw CanNotWrite(fault);
        }
    }

    public void Dispose() => File.Delete(_path);

    private async Task CopyAsync(Stream source, Stream file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await MultipartFaults.GuardAsync(() => source.ReadAsync(buffer, cancellationToken))) > 0)
            {
                Size += read;
                if (Size > EventLimits.ImageBytes)
                {
                    throw ImageUpload.TooLarge();
                }

                if (Head.Length < ImageFormats.SniffLength)
                {
                    Head = [.. Head, .. buffer.AsSpan(0, Math.Min(read, ImageFormats.SniffLength - Head.Length))];
                }

                hash.AppendData(buffer, 0, read);
                Write(file, buffer.AsSpan(0, read));
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        SourceId = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static FileStream Create(IncomingFolder folder)
    {
        try
        {
            return folder.Create();
        }
        catch (Exception fault) when (IsOfTheDisk(fault))
        {
            throw CanNotWrite(fault);
        }
    }

    private static void Write(Stream file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            file.Write(bytes);
        }
        catch (Exception fault) when (IsOfTheDisk(fault))
        {
            throw CanNotWrite(fault);
        }
    }

    /// <summary>A full or failing disk is the server's trouble, not the caller's: it is asked to come again.</summary>
    private static bool IsOfTheDisk(Exception fault) => fault is IOException or UnauthorizedAccessException;

    private static BusyException CanNotWrite(Exception fault) =>
        new(fault.HResult is LinuxNoSpace or WindowsNoSpace ? "the disk of the image store is full" : "the image store can not be written", fault);
}
