using System.Security.Cryptography;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Images.Renditions;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.Images;

public sealed class RenditionCacheTests : IDisposable
{
    private const int Size = 100_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-renditions-").FullName;
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Cache_OverItsLimit_LetsTheLeastUsedGo()
    {
        var cache = Open();
        var ids = Enumerable.Range(0, 11).Select(i => Convert.ToHexStringLower(SHA256.HashData([(byte)i]))).ToList();
        foreach (var id in ids.Take(10))
        {
            await PutAsync(cache, id);
        }

        // The oldest is looked at, also by a server that started anew.
        cache = Open();
        Assert.True(Has(cache, ids[0]));
        _time.Advance(TimeSpan.FromHours(2));
        await PutAsync(cache, ids[10]);

        Assert.True(Has(cache, ids[0]) && Has(cache, ids[10]));
        Assert.False(Has(cache, ids[1]));
        Assert.InRange(new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length), Size, 1024 * 1024);
    }

    [Fact]
    public async Task Delete_AnImage_TakesAllItsPicturesAndNoOthers()
    {
        var cache = Open();
        var (one, other) = (new string('a', 64), new string('a', 63) + "b");
        await PutAsync(cache, one);
        await cache.PutAsync(1, one, ImageVariant.Medium, [1]);
        await PutAsync(cache, other);

        cache.Delete(1, one);
        cache.Delete(2, other);

        Assert.False(Has(cache, one));
        Assert.Null(cache.Open(1, one, ImageVariant.Medium));
        Assert.True(Has(cache, other));
    }

    [Fact]
    public async Task Pictures_MadeWhileOthersGiveWay_AreNoFault()
    {
        var cache = Open();

        // It is full again and again, and then what others are just writing lies there under a name that passes.
        await Parallel.ForAsync(0, 8000, TestContext.Current.CancellationToken, async (i, _) =>
            await cache.PutAsync(1, Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(i))), ImageVariant.Small, new byte[500]));

        Assert.InRange(new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length), 1, 2 * 1024 * 1024);
    }

    [Fact]
    public async Task Picture_ThatCanNotBeKept_IsLeftOut()
    {
        var cache = Open();
        var id = new string('a', 64);
        await File.WriteAllTextAsync(Path.Combine(_folder, "renditions", "1"), "in the way", TestContext.Current.CancellationToken);

        await PutAsync(cache, id);

        Assert.False(Has(cache, id));
    }

    private RenditionCache Open() => new(Options.Create(new FleetOptions { DataDirectory = _folder, Images = new ImageOptions { RenditionMiB = 1 } }), _time);

    private async Task PutAsync(RenditionCache cache, string id)
    {
        _time.Advance(TimeSpan.FromHours(2));
        await cache.PutAsync(1, id, ImageVariant.Small, new byte[Size]);
    }

    private static bool Has(RenditionCache cache, string id)
    {
        using var picture = cache.Open(1, id, ImageVariant.Small);
        return picture is not null;
    }
}
