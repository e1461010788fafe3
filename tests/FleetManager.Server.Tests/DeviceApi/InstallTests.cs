using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Devices;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;
using FleetManager.Server.Tests.Messaging;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>From a created device to an enrolled one: the install id, what it fetches, and what it gives.</summary>
public sealed class InstallTests(DeviceFleets fleets) : IClassFixture<DeviceFleets>
{
    private const string Root = DeviceFleets.Root;
    private static readonly HardwareSummary s_hardware = new("cam-7", "Linux", "6.1", "x64", 4, 1 << 30, 1L << 40);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task InstallId_EnrollsThatDeviceOnce(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync();
        using var nobody = fleet.ClientFor();
        var (id, installId) = await DeviceFleets.CreateAsync(client, """{"device_name":"Press 4"}""");
        await client.PatchJsonAsync($"{Root}/{id}/config", """{"telemetry":{"intervalSeconds":5}}""");
        string[] keys = [.. Enumerable.Range(0, 6).Select(_ => Secret.New(Secret.DeviceKeyPrefix))];

        var answers = await Task.WhenAll(keys.Select(k => EnrollAsync(nobody, installId, k)));

        var won = Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(a => a != won), a => Assert.Equal(HttpStatusCode.Gone, a.Status));

        // The name is the one it was created with: an operator's word goes before the host's.
        Assert.Equal((id, "Press 4"), ((string)won.Json["deviceId"]!, (string)won.Json["name"]!));
        var key = keys[Array.IndexOf(answers, won)];
        Assert.Equal(id, (string)(await EnrollAsync(nobody, installId, key)).Json["deviceId"]!);
        using var own = fleet.ClientFor(key);
        Assert.Equal(5, (int)(await DeviceFleets.GetAsync(own, "/agent/v1/settings"))["sections"]!["telemetry"]!["intervalSeconds"]!);
        Assert.True(DeviceId.TryParse(id, out var deviceId));
        await using var agent = await FakeAgent.ConnectedAsync(fleet, new TestDevice(deviceId, 0, key));
        Assert.Equal("Press 4", (string)(await DeviceFleets.GetAsync(own, $"{Root}/{id}"))["name"]!);
        Assert.NotNull((await DeviceFleets.GetAsync(client, $"/api/v1/devices/{id}"))["enrolledAt"]);
        Assert.Equal(["enrolled", "created"], (await DeviceFleets.GetAsync(client, $"{Root}/{id}/events?entity_type=device"))["data"]!.AsArray().Select(e => (string)e!["event"]!));
    }

    [Theory, DatabaseData]
    public async Task InstallId_RenewedOrOfARevokedDevice_IsWorthNothing(DatabaseKind kind)
    {
        var fleet = await fleets.OnAsync(kind);
        using var client = await fleet.KeyClientAsync("device:update");
        using var nobody = fleet.ClientFor();
        var (id, first) = await DeviceFleets.CreateAsync(client);
        var route = $"/api/v1/devices/{id}/enrollment-token";

        var renewed = await client.PostForAnswerAsync(route, null);

        Assert.Equal(HttpStatusCode.Created, renewed.Status);
        Assert.Equal(HttpStatusCode.Gone, (await EnrollAsync(nobody, first, Secret.New(Secret.DeviceKeyPrefix))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetForAnswerAsync(Script(first))).Status);
        Assert.Equal(id, (string)(await EnrollAsync(nobody, (string)renewed.Json["token"]!, Secret.New(Secret.DeviceKeyPrefix))).Json["deviceId"]!);
        var late = await client.PostForAnswerAsync(route, null);
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.NotEmpty(late.Error);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PostForAnswerAsync("/api/v1/devices/nobody/enrollment-token", null)).Status);

        var (revoked, token) = await DeviceFleets.CreateAsync(client);
        await client.PostAsync($"/api/v1/devices/{revoked}/revoke", null, Cancellation);
        Assert.Equal(HttpStatusCode.Gone, (await EnrollAsync(nobody, token, Secret.New(Secret.DeviceKeyPrefix))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetForAnswerAsync(Script(token))).Status);
    }

    [Fact]
    public async Task Script_NamesTheDeviceAndQuotesEverything()
    {
        var fleet = await fleets.OnAsync(DatabaseKind.Sqlite);
        using var client = await fleet.KeyClientAsync();
        using var nobody = fleet.ClientFor();
        var (id, installId) = await DeviceFleets.CreateAsync(client, """{"device_name":"it's $(touch /tmp/x) `y` \"z\" \\"}""");

        using var response = await nobody.GetAsync(Script(installId), Cancellation);
        var script = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/x-shellscript", response.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("#!/bin/sh\n", script, StringComparison.Ordinal);
        Assert.Contains($"server='{fleet.Address.GetLeftPart(UriPartial.Authority)}'\n", script, StringComparison.Ordinal);
        Assert.Contains($"install_id='{installId}'\ndevice_id='{id}'\n", script, StringComparison.Ordinal);
        Assert.Contains("""device_name='it'\''s $(touch /tmp/x) `y` "z" \'""" + "\n", script, StringComparison.Ordinal);
        Assert.Contains("packages=''\n", script, StringComparison.Ordinal);
        Assert.Contains("ProtectSystem=strict\n", script, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", script, StringComparison.Ordinal);
        Assert.EndsWith("\nmain\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_OfAnUnknownId_IsARefusalThatAlsoAShellUnderstands()
    {
        // A server of its own: guessing is counted by address.
        await using var fleet = await FleetApplication.StartAsync();
        using var nobody = fleet.ClientFor();

        var answer = await nobody.GetForAnswerAsync(Script("fe_" + new string('0', 64)));

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Matches(@"^printf '%s\\n' 'This install id is unknown[^']+' >&2\nexit 1\n$", answer.Text);
        for (var i = 0; i < 9; i++)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetForAnswerAsync(Script("x"))).Status);
        }

        var slowed = await nobody.GetForAnswerAsync(Script("x"));
        Assert.Equal(HttpStatusCode.TooManyRequests, slowed.Status);
        Assert.NotNull(slowed.Headers.RetryAfter);
    }

    [Theory, DatabaseData]
    public async Task Script_AfterADay_IsGone(DatabaseKind kind)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var fleet = await FleetApplication.StartAsync(kind, web => web.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        using var client = await fleet.KeyClientAsync();
        using var nobody = fleet.ClientFor();
        var (_, installId) = await DeviceFleets.CreateAsync(client);
        await EnrollAsync(nobody, installId, Secret.New(Secret.DeviceKeyPrefix));

        // The same command may be run again as long as the id lasts, also when it has done its work.
        time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetForAnswerAsync(Script(installId))).Status);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetForAnswerAsync(Script(installId))).Status);
    }

    [Fact]
    public async Task Packages_OfTheServer_AreOfferedWithTheirHash()
    {
        using var folder = new TemporaryFolder();
        await using var fleet = await FleetApplication.StartAsync(configure: host => host.UseSetting("Fleet:Devices:PackageDirectory", folder.Path));
        using var client = await fleet.KeyClientAsync();
        using var nobody = fleet.ClientFor();
        var (_, installId) = await DeviceFleets.CreateAsync(client);
        var route = $"/devices/v2/{installId}/packages";
        var none = await nobody.GetForAnswerAsync($"{route}/linux-x64");
        Assert.Equal(HttpStatusCode.NotFound, none.Status);
        Assert.Contains("fleet-agent-linux-x64.tar.gz", none.Error, StringComparison.Ordinal);

        // Put there while the server runs, and replaced later.
        foreach (var content in new[] { "first", "the second one" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Path, "fleet-agent-linux-x64.tar.gz"), content, Cancellation);
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
            Assert.Contains($"packages='linux-x64={hash}'\n", (await nobody.GetForAnswerAsync(Script(installId))).Text, StringComparison.Ordinal);
            Assert.Equal(content, (await nobody.GetForAnswerAsync($"{route}/linux-x64")).Text);
        }

        await File.WriteAllTextAsync(Path.Combine(folder.Path, "fleet-agent-linux-x64.deb"), "debian", Cancellation);
        Assert.Contains(" linux-x64.deb=", (await nobody.GetForAnswerAsync(Script(installId))).Text, StringComparison.Ordinal);
        Assert.Equal("debian", (await nobody.GetForAnswerAsync($"{route}/linux-x64.deb")).Text);

        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetForAnswerAsync($"{route}/..%2f..%2fappsettings.json")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetForAnswerAsync("/devices/v2/fe_x/packages/linux-x64")).Status);
    }

    private static string Script(string installId) => $"/devices/v2/{installId}/install.sh";

    private static async Task<Answer> EnrollAsync(HttpClient client, string token, string key) => await client.SendForAnswerAsync(new HttpRequestMessage(HttpMethod.Post, "/agent/v1/enroll")
    {
        Content = JsonContent.Create(new EnrollRequest(token, key, "host-name", "1.2.3", s_hardware), ContractsJson.Default.EnrollRequest),
    });

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("fleet-packages-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
