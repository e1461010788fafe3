using System.Formats.Tar;
using System.Net;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Tests.Bundles;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Images;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Tests.AirGap;

/// <summary>What devices without a network export comes in by the path of what they send themselves, or not at all.</summary>
public sealed class ImportTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What was done to an archive, and what the refusal says.</summary>
    public static TheoryData<string, Func<Export, byte[]>, string> Hostile { get; } = new()
    {
        { "no archive", _ => "hello"u8.ToArray(), "ends too early" },
        { "another archive", _ => Tar.Write(TarEntryFormat.Ustar, ("payload.json", "{}"u8.ToArray())), "where an export has images" },
        { "nothing in it", _ => Tar.Of(), "no manifest.json" },
        { "cut off", e => e.Write()[..^3000], "ends too early" },
        { "no signature", e => e.Write(swap: m => m.SkipLast(1)), "no signature" },
        { "signature of another", e => (e with { Secret = "fd_other" }).Copy(e).Write(), "The signature is not that of device" },
        { "signature damaged", e => e.Write(swap: m => [.. m.SkipLast(1), ("signature", "0000"u8.ToArray())]), "The signature is not that of device" },
        { "another device's name", e => e.Write(swap: m => Rewrite(m, "manifest.json", e.DeviceId, "dev-other")), "is not a device of this workspace" },
        { "an event changed", e => e.Write(swap: m => Rewrite(m, "events/", "custom", "CUSTOM")), "does not have the hash" },
        { "an event left out", e => e.Write(swap: m => m.Where(x => !x.Name.StartsWith("events/", StringComparison.Ordinal))), "does not have the hash" },
        { "members swapped", e => e.Write(swap: m => [m[1], m[0], .. m.Skip(2)]), "does not have the hash" },
        { "something added", e => e.Write(swap: m => [.. m, ("events/99999999.json", "{}"u8.ToArray())]), "behind its signature" },
        { "something in between", e => e.Write(swap: m => [("evil.sh", "x"u8.ToArray()), .. m]), "'evil.sh' where an export has" },
        { "climbing", e => e.Write(swap: m => [("images/../../evil", "x"u8.ToArray()), .. m]), "names must be relative" },
        { "of the future", e => e.Write(m => m with { Version = 2 }), "use a server as new as the agent" },
        { "manifest that is none", e => e.Write(swap: m => [.. m.SkipLast(2), ("manifest.json", "[]"u8.ToArray()), m[^1]]), "can not be read" },
        { "manifest of nothing", e => e.Write(swap: m => [.. m.SkipLast(2), ("manifest.json", "{\"version\":1}"u8.ToArray()), m[^1]]), "lacks members" },
        { "image under another name", Misnamed, "does not hold the image that it is named after" },
        { "batch that is none", Garbage, "not valid JSON" },
    };

    [Theory, DatabaseData]
    public async Task Export_IsTakenInAsTheDeviceWithReceiptsAndOnce(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var camera = await fleet.AddDeviceAsync();
        var useCase = await fleet.AddUseCaseAsync("air gap");
        using var client = await fleet.KeyClientAsync("device:update");
        var export = Export.Of(camera);
        var image = export.Image(Pictures.Jpeg(50_000));
        export.Batch(Enumerable.Range(3, 100).Select(seq => export.Event(useCase, seq, image)));
        export.Batch(export.Event(useCase, 103), export.Event("nowhere", 104));
        export.Losses.Add(new(1, 2, "store_full", Export.Now));

        var first = await SendAsync(client, export.Write());
        var again = await SendAsync(client, export.Write());

        Assert.True(first.Status == HttpStatusCode.OK, $"{first.Text} {string.Join(Environment.NewLine, fleet.Logs.Entries.Where(e => e.Contains("failed", StringComparison.Ordinal)))}");
        Assert.Equal((101, 0, 1, 1), Counts(first));
        Assert.Equal((0, 101, 1, 1), Counts(again));
        Assert.Equal("use_case_unknown", (string)first.Json["reasons"]![0]!["code"]!);
        var proof = Assert.Single(await fleet.Service<ReceiptService>().ProofAsync(fleet.Workspace.Id, camera.Id.Value, Cancellation));
        Assert.Equal(["3-103"], proof.Held.Select(r => $"{r.From}-{r.Through}"));
        Assert.Equal(["1-2 store_full"], proof.Declared.Select(l => $"{l.From}-{l.Through} {l.Reason}"));

        await using var db = fleet.Open();
        var stored = await db.Events.Where(e => e.OriginKey == camera.Key).ToListAsync(Cancellation);
        Assert.Equal(101, stored.Count);
        Assert.All(stored, e => Assert.Null(e.Warnings));
        Assert.Equal(2, await db.AuditEntries.CountAsync(a => a.Action == "device.imported" && a.Subject == camera.Id.Value, Cancellation));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(fleet.DataDirectory, "images", ".incoming")));
    }

    [Theory, DatabaseData]
    public async Task Device_ThatIsConnectedLater_SendsNothingTwice(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var camera = await fleet.AddDeviceAsync();
        var useCase = await fleet.AddUseCaseAsync("both ways");
        using var client = await fleet.KeyClientAsync();
        using var device = fleet.ClientFor(camera.Secret);
        var export = Export.Of(camera);
        export.Batch(export.Event(useCase, 1), export.Event(useCase, 2));
        await SendAsync(client, export.Write());

        var receipts = await device.GetForAnswerAsync($"/agent/v1/receipts?epoch={export.Epoch}");
        var sent = await device.PostJsonAsync("/vision-events/batch?partial=true", $"{{\"events\":[{export.Event(useCase, 2)}]}}");

        Assert.Equal("""[{"from":1,"through":2,"count":2}]""", receipts.Json["held"]!.ToJsonString());
        Assert.Equal("replaced", (string)sent.Json["results"]![0]!["status"]!);
    }

    [Theory, DatabaseRows(nameof(Hostile))]
    public async Task Archive_ThatIsNotAsTheDeviceWroteIt_IsRefusedInClearWordsAndNothingIsTaken(DatabaseKind kind, string name, Func<Export, byte[]> write, string reason)
    {
        var fleet = await fixture.OnAsync(kind);
        var camera = await fleet.AddDeviceAsync();
        var useCase = await fleet.AddUseCaseAsync(name);
        using var client = await fleet.KeyClientAsync();
        var export = Export.Of(camera);
        export.Batch(export.Event(useCase, 1));
        export.Batch(export.Event(useCase, 2));

        var answer = await SendAsync(client, write(export));

        Assert.Equal((name, HttpStatusCode.BadRequest), (name, answer.Status));
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        await using var db = fleet.Open();
        Assert.Equal(0, await db.Events.CountAsync(e => e.OriginKey == camera.Key, Cancellation));
    }

    [Theory, DatabaseData]
    public async Task Export_OfARevokedDeviceOrAnotherWorkspace_IsRefused(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var camera = await fleet.AddDeviceAsync();
        var export = Export.Of(camera);
        var elsewhere = await fleet.AddWorkspaceAsync($"elsewhere-{kind}".ToLowerInvariant());
        using var stranger = fleet.ClientFor(await fleet.MintKeyAsync(elsewhere));
        using var client = await fleet.KeyClientAsync();
        using var device = fleet.ClientFor(camera.Secret);

        Assert.Contains("is not a device of this workspace", (await SendAsync(stranger, export.Write())).Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(device, export.Write())).Status);
        await client.PostForAnswerAsync($"/api/v1/devices/{camera.Id}/revoke", null);
        Assert.Contains("was revoked", (await SendAsync(client, export.Write())).Error, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Image_ThatIsNone_KeepsItsEventOutAndNoOther(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("broken image");
        using var client = await fleet.KeyClientAsync();
        var export = Export.Of(await fleet.AddDeviceAsync());
        var broken = export.Image("no picture"u8.ToArray());
        export.Batch(export.Event(useCase, 1, broken), export.Event(useCase, 2));

        var answer = await SendAsync(client, export.Write());

        Assert.Equal((1, 0, 1, 0), Counts(answer));
        Assert.Equal("image_refused", (string)answer.Json["reasons"]![0]!["code"]!);
    }

    private static (int Created, int Known, int Refused, int Images) Counts(Answer answer) =>
        ((int)answer.Json["created"]!, (int)answer.Json["known"]!, (int)answer.Json["refused"]!, (int)answer.Json["images"]!);

    private static Task<Answer> SendAsync(HttpClient client, byte[] archive) => client.PostForAnswerAsync("/api/v1/imports", new ByteArrayContent(archive));

    private static IEnumerable<(string, byte[])> Rewrite(IReadOnlyList<(string Name, byte[] Content)> members, string prefix, string from, string to) =>
        members.Select(m => m.Name.StartsWith(prefix, StringComparison.Ordinal)
            ? (m.Name, System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(m.Content).Replace(from, to, StringComparison.Ordinal)))
            : m);

    private static byte[] Misnamed(Export export)
    {
        export.Content.Insert(0, ("images/" + new string('a', 64), Pictures.Jpeg(1000)));
        return export.Write();
    }

    private static byte[] Garbage(Export export)
    {
        export.Content.Insert(0, ("events/99999998.json", "{\"events\":"u8.ToArray()));
        return export.Write();
    }
}

internal static class ExportExtensions
{
    public static Export Copy(this Export to, Export from)
    {
        to.Content.Clear();
        to.Content.AddRange(from.Content);
        return to;
    }
}
