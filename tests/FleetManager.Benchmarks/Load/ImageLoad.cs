using System.Text;
using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Hosting;

namespace FleetManager.Benchmarks.Load;

/// <summary>Callers that upload images, no two of them alike.</summary>
internal sealed class ImageLoad(Site site, int size)
{
    private const string Boundary = "fleet-benchmark-boundary";

    private static readonly string s_partHead =
        $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"image.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n";

    private static readonly string s_partEnd = $"\r\n--{Boundary}--\r\n";

    private readonly byte[] _image = SampleImages.Create(size);

    public async Task<Sample> RunAsync(int callers, TimeSpan window, CancellationToken cancellationToken)
    {
        var meter = Meter.Start(window, site.Server, site.Postgres);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ =>
        {
            var request = Request(out var unique);
            return Callers.RunAsync(
                site.Server.Port,
                1,
                meter,
                (caller, _) =>
                {
                    Guid.NewGuid().TryWriteBytes(request.AsSpan(unique));
                    return meter.TimeAsync(1, () => caller.SendAsync(request, 201, cancellationToken));
                },
                cancellationToken);
        }));
        return meter.Stop();
    }

    private byte[] Request(out int unique)
    {
        var length = s_partHead.Length + _image.Length + s_partEnd.Length;
        var head = Encoding.ASCII.GetBytes(Wire.Head(site.Server, "POST", Wire.Upload, length, $"multipart/form-data; boundary={Boundary}") + s_partHead);
        unique = head.Length + SampleImages.UniqueAt;
        return [.. head, .. _image, .. Encoding.ASCII.GetBytes(s_partEnd)];
    }
}
