using System.Security.Cryptography;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Images.S3;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Tests.Images;

/// <summary>What every image store promises, on files and on a real S3-compatible server.</summary>
public sealed class ImageStoreTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 8, 30, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-store-").FullName;
    private readonly List<IDisposable> _open = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _open.ForEach(o => o.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Files")]
    [InlineData("S3")]
    public async Task Kept_Image_IsReadWholeAndFromAnyPosition(string kind)
    {
        var store = await StoreAsync(kind);
        var (key, bytes) = await KeepAsync(store, 300_000);

        Assert.True(await store.ExistsAsync(key, Cancellation));
        await using var image = (await store.OpenAsync(key, Cancellation))!;
        Assert.Equal(bytes.Length, image.Length);
        Assert.Equal(bytes, await ReadAsync(image));
        foreach (var from in new[] { 299_999, 0, 1, 150_000 })
        {
            image.Seek(from, SeekOrigin.Begin);
            Assert.Equal(bytes[from..], await ReadAsync(image));
        }

        image.Seek(0, SeekOrigin.End);
        Assert.Empty(await ReadAsync(image));
    }

    [Theory]
    [InlineData("Files")]
    [InlineData("S3")]
    public async Task Kept_Again_ChangesNothing(string kind)
    {
        var store = await StoreAsync(kind);
        var (key, bytes) = await KeepAsync(store, 1000);

        await store.KeepAsync(Incoming(bytes), key, Cancellation);

        await using var image = (await store.OpenAsync(key, Cancellation))!;
        Assert.Equal(bytes, await ReadAsync(image));
    }

    [Theory]
    [InlineData("Files")]
    [InlineData("S3")]
    public async Task Deleted_Image_IsGoneAndOnlyThat(string kind)
    {
        var store = await StoreAsync(kind);
        var (key, bytes) = await KeepAsync(store, 1000);
        var later = key with { StoredAt = key.StoredAt.AddHours(1) };
        await store.KeepAsync(Incoming(bytes), later, Cancellation);

        await store.DeleteAsync(key, Cancellation);
        await store.DeleteAsync(key, Cancellation);

        Assert.False(await store.ExistsAsync(key, Cancellation));
        Assert.Null(await store.OpenAsync(key, Cancellation));
        Assert.True(await store.ExistsAsync(later, Cancellation));
        Assert.Null(await store.OpenAsync(later with { WorkspaceId = 77 }, Cancellation));
    }

    [Theory]
    [InlineData("Files")]
    [InlineData("S3")]
    public async Task Id_ThatIsAPath_NeverReachesTheStore(string kind)
    {
        var store = await StoreAsync(kind);
        foreach (var id in new[] { "", "../../../etc/passwd", new string('/', 64), new string('A', 64) })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => store.OpenAsync(new ImageKey(1, id, s_now), Cancellation));
        }
    }

    [Theory]
    [InlineData("elsewhere", null, "Fleet:Images:Bucket")]
    [InlineData(null, "wrong", "Fleet:Images:SecretKey")]
    public async Task S3_ThatCanNotBeUsed_StopsTheStartAndNamesTheKey(string? bucket, string? secret, string key)
    {
        var options = S3Options(await S3Server.Instance.EndpointAsync());
        (options.Bucket, options.SecretKey) = (bucket ?? options.Bucket, secret ?? options.SecretKey);
        using var store = new S3ImageStore(Wrap(options));

        var fault = await Assert.ThrowsAsync<StartFault>(() => store.PrepareAsync(Cancellation));

        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S3_ThatDoesNotAnswer_StopsTheStartAndIsAnIOExceptionLater()
    {
        using var store = new S3ImageStore(Wrap(S3Options("http://127.0.0.1:1")));

        Assert.Contains("Fleet:Images:Endpoint", (await Assert.ThrowsAsync<StartFault>(() => store.PrepareAsync(Cancellation))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => store.ExistsAsync(new ImageKey(1, new string('a', 64), s_now), Cancellation));
    }

    [Theory]
    [InlineData("Fleet:Images:Store must be", "Store", "Attic")]
    [InlineData("Fleet:Images:Endpoint must be", "Endpoint", "ftp://somewhere")]
    [InlineData("Fleet:Images:Bucket must be set", "Bucket", " ")]
    [InlineData("Fleet:Images:AccessKey must be set", "AccessKey", null)]
    [InlineData("Fleet:Images:SecretKey must be set", "SecretKey", null)]
    [InlineData("Fleet:Images:Region must be set", "Region", "")]
    [InlineData("Fleet:Images:LinkDays must be", "LinkDays", 0)]
    [InlineData("Fleet:Images:RenditionMiB must be", "RenditionMiB", 1)]
    public void Options_ThatCanNotBe_NameTheKey(string reason, string property, object? value)
    {
        var options = S3Options("http://localhost");
        Assert.True(new FleetOptionsValidator().Validate(null, Wrap(options).Value).Succeeded);
        typeof(ImageOptions).GetProperty(property)!.SetValue(options, value);

        var result = new FleetOptionsValidator().Validate(null, Wrap(options).Value);

        Assert.Contains(reason, Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    private async Task<IImageStore> StoreAsync(string kind)
    {
        var options = kind == "S3" ? S3Options(await S3Server.Instance.EndpointAsync()) : new ImageOptions();
        IImageStore store = kind == "S3" ? new S3ImageStore(Wrap(options)) : new FileImageStore(Wrap(options));
        if (store is IDisposable open)
        {
            _open.Add(open);
        }

        await store.PrepareAsync(Cancellation);
        return store;
    }

    private static ImageOptions S3Options(string endpoint) =>
        new() { Store = "S3", Endpoint = endpoint, Bucket = S3Server.Bucket, AccessKey = S3Server.AccessKey, SecretKey = S3Server.SecretKey };

    private IOptions<FleetOptions> Wrap(ImageOptions images) => Options.Create(new FleetOptions { DataDirectory = _folder, Images = images });

    private async Task<(ImageKey Key, byte[] Bytes)> KeepAsync(IImageStore store, int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var key = new ImageKey(1, Pictures.SourceIdOf(bytes), s_now);
        await store.KeepAsync(Incoming(bytes), key, Cancellation);
        return (key, bytes);
    }

    private string Incoming(byte[] bytes)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancellation);
        return read.ToArray();
    }
}
