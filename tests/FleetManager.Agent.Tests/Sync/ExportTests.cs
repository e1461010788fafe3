using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FleetManager.Agent.Sync;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Tests.Sync;

public sealed class ExportTests : IAsyncLifetime
{
    private readonly StoreFixture _stored = new();
    private readonly string _keyHash = Secret.Hash(Secret.New(Secret.DeviceKeyPrefix));
    private BackupSettings _backup = new() { DefaultUseCaseId = "line" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _stored.DisposeAsync();

    [Fact]
    public async Task Backlog_BesideARunningStore_IsOneSignedArchive()
    {
        await _stored.AcceptAsync(150);
        await _stored.Store.AcceptAsync(Arrivals.New(pictures: ["a", "b"]), Token);
        await _stored.Store.AcceptAsync(Arrivals.New(useCase: null, pictures: "a"), Token);
        await _stored.HoldAsync(1, 2, 3);
        await _stored.ParkAsync("invalid", 5);

        var (manifest, leftOut, members) = await WriteAsync();

        Assert.Equal((148, 2, 0, 152), (manifest.Events, manifest.Images, leftOut, manifest.LastSeq));
        Assert.Equal([new SeqRange(4, 4), new SeqRange(6, 152)], manifest.Exported);
        Assert.Equal([new SeqRange(1, 3)], manifest.Held);
        Assert.Equal([new SeqRange(5, 5)], manifest.Parked);
        Assert.Equal(["manifest.json", "signature"], members.TakeLast(2).Select(m => m.Name));
        Assert.Equal(Encoding.ASCII.GetString(members[^1].Content), ExportSeal.Sign(_keyHash, members[^2].Content));
        Assert.All(members.Where(m => m.Name.StartsWith("images/", StringComparison.Ordinal)), m => Assert.Equal("images/" + Convert.ToHexStringLower(SHA256.HashData(m.Content)), m.Name));

        using var seal = new ExportSeal();
        foreach (var (name, content) in members.SkipLast(2))
        {
            seal.Begin(name, content.Length);
            seal.Append(content);
        }

        Assert.Equal(seal.Finish(), JsonSerializer.Deserialize(members[^2].Content, ContractsJson.Default.ExportManifest)!.ContentHash);

        var events = members.Where(m => m.Name.StartsWith("events/", StringComparison.Ordinal))
            .SelectMany(m => JsonDocument.Parse(m.Content).RootElement.GetProperty("events").EnumerateArray())
            .ToList();
        Assert.Equal(148, events.Count);
        Assert.Equal(_stored.Store.Epoch, events[0].GetProperty("store").GetProperty("epoch").GetGuid());
        Assert.Equal("line", events[^1].GetProperty("useCaseId").GetString());
        Assert.Contains(members, m => m.Name == "images/" + events[^1].GetProperty("images")[0].GetProperty("sourceId").GetString());

        // An archive that is lost costs nothing.
        Assert.Equal(148, _stored.Store.Stats().Pending);
    }

    [Fact]
    public async Task WhatCanNotBeSent_IsLeftOutAndCounted()
    {
        _backup = new BackupSettings();
        var broken = Arrivals.New(pictures: "gone");
        await _stored.Store.AcceptAsync(broken, Token);
        await _stored.Store.AcceptAsync(Arrivals.New(useCase: null), Token);
        await _stored.AcceptAsync(1);
        File.Delete(_stored.Store.ImagePath(broken.Images[0].Hash));

        var (manifest, leftOut, _) = await WriteAsync();

        Assert.Equal((1, 2), (manifest.Events, leftOut));
        Assert.Equal([new SeqRange(3, 3)], manifest.Exported);
    }

    [Fact]
    public async Task Images_ThatTheSettingsKeepHere_StayHere()
    {
        _backup = _backup with { Images = BackupImages.None };
        await _stored.Store.AcceptAsync(Arrivals.New(pictures: "a"), Token);

        var (manifest, _, members) = await WriteAsync();

        Assert.Equal((1, 0, 3), (manifest.Events, manifest.Images, members.Count));
    }

    [Fact]
    public async Task Losses_GoAlong()
    {
        _stored.Limits = _stored.Limits with { MaxRecords = 3, WhenFull = WhenFull.DropOldest };
        await _stored.AcceptAsync(5);

        var (manifest, _, _) = await WriteAsync();

        Assert.Equal((1, 2, "store_full"), manifest.Losses.Select(l => (l.From, l.Through, l.Reason)).Single());
        Assert.Equal([new SeqRange(3, 5)], manifest.Exported);
    }

    private async Task<(ExportManifest Manifest, long LeftOut, List<(string Name, byte[] Content)> Members)> WriteAsync()
    {
        var archive = new MemoryStream();
        var (manifest, leftOut) = await new BacklogExport(_stored.Folder, "device-1", _keyHash, _backup, _stored.Time).WriteAsync(archive, Token);
        archive.Position = 0;
        var members = new List<(string, byte[])>();
        await using var tar = new TarReader(archive);
        while (await tar.GetNextEntryAsync(copyData: true, Token) is { } entry)
        {
            var content = new MemoryStream();
            await (entry.DataStream ?? Stream.Null).CopyToAsync(content, Token);
            members.Add((entry.Name, content.ToArray()));
        }

        return (manifest, leftOut, members);
    }
}
