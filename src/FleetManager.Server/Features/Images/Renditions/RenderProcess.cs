using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Images.Renditions;

/// <summary>
/// Decodes images in processes of their own (<see cref="RenderWorker"/>), few at once, each with a time limit. What ever happens in one, the
/// server reads a picture or a reason.
/// </summary>
internal sealed class RenderProcess(TimeProvider time) : IDisposable
{
    private const int MaxWaiting = 200;
    private const int MaxOutput = 64 * 1024 * 1024;
    private const int MaxReason = 500;
    private const int BufferSize = 64 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _atOnce = new(Math.Clamp(Environment.ProcessorCount / 2, 1, 4));
    private int _waiting;

    /// <summary>The program itself; a test may put another in its place.</summary>
    public string Program { get; init; } = Path.Combine(AppContext.BaseDirectory, "FleetManager.Server" + (OperatingSystem.IsWindows() ? ".exe" : ""));

    /// <summary>A JPEG, or why there can be none.</summary>
    public async Task<Made> RenderAsync(Stream image, string mediaType, int width)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new BusyException("too many pictures are being made");
        }

        try
        {
            await _atOnce.WaitAsync();
            try
            {
                return await RunAsync(image, mediaType, width);
            }
            finally
            {
                _atOnce.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose() => _atOnce.Dispose();

    private async Task<Made> RunAsync(Stream image, string mediaType, int width)
    {
        using var process = Start(mediaType, width);
        using var limit = new CancellationTokenSource(s_patience, time);
        try
        {
            var output = ReadAsync(process.StandardOutput.BaseStream, MaxOutput + 1, limit.Token);
            var reason = ReadAsync(process.StandardError.BaseStream, MaxReason, limit.Token);
            await FeedAsync(image, process.StandardInput.BaseStream, limit.Token);
            var picture = await output;
            var words = Encoding.UTF8.GetString(await reason);
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode switch
            {
                0 when picture.Length <= MaxOutput => new Made(picture, null),
                0 => new Made(null, string.Create(CultureInfo.InvariantCulture, $"its picture would have more than {MaxOutput / (1024 * 1024)} MiB")),
                RenderWorker.Refused => new Made(null, words),
                _ => new Made(null, "the decoder failed on it"),
            };
        }
        catch (OperationCanceledException)
        {
            return new Made(null, string.Create(CultureInfo.InvariantCulture, $"it takes longer than {s_patience.TotalSeconds} s to decode"));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private Process Start(string mediaType, int width)
    {
        var start = new ProcessStartInfo(Program, [RenderWorker.Command, mediaType, width.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // No secret of the server's environment where strangers' bytes are decoded; and the same runtime as here, wherever it is installed.
        start.Environment.Clear();
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception fault)
        {
            throw new BusyException("no process can be started to make a picture", fault);
        }
    }

    private static async Task FeedAsync(Stream image, Stream input, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await FetchAsync(image, buffer, cancellationToken)) > 0)
        {
            try
            {
                await input.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
            catch (IOException)
            {
                // It ended before it had read all; its exit code tells why.
                return;
            }
        }

        await input.DisposeAsync();
    }

    /// <summary>A store that is slow says nothing of the image.</summary>
    private static async Task<int> FetchAsync(Stream image, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await image.ReadAsync(buffer, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new IOException($"The image store did not send an image within {s_patience.TotalSeconds} s.");
        }
    }

    /// <summary>Reads to the end, and keeps up to a limit.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        var kept = new MemoryStream();
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            kept.Write(buffer, 0, (int)Math.Min(read, limit - kept.Length));
        }

        return kept.ToArray();
    }
}
