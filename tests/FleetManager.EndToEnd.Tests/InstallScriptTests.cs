using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>The install script, run by a real shell against a real server with the built agent.</summary>
public sealed class InstallScriptTests : IAsyncLifetime
{
    private const string DeviceName = "it's the \"press\" $(exit 9)";

    private readonly TempDirectory _directory = new();
    private readonly ServerProcess _server;
    private HttpClient _client = null!;

    public InstallScriptTests()
    {
        Directory.CreateDirectory(Packages);
        _server = new ServerProcess(_directory, $"--Fleet:Devices:PackageDirectory={Packages}");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Packages => _directory.At("packages");

    private string DataDirectory => _directory.At("device");

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(Cancellation);
        var key = await _server.AdminAsync(Cancellation, "api-key", "create", "--name", "test");
        _client = new HttpClient { BaseAddress = _server.Address };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Script_WithAPackageOfTheServer_InstallsAndEnrollsThatDeviceAndMayRunAgain()
    {
        await MakePackageAsync();
        var (id, script) = await CreateAsync();

        var first = await RunAsync(script);
        var again = await RunAsync(script);

        Assert.Contains($"Installing the FleetManager agent for {DeviceName} ({id}) of {_server.Address.ToString().TrimEnd('/')}.", first.Succeeded(), StringComparison.Ordinal);
        Assert.Contains("enrolled already", again.Succeeded(), StringComparison.Ordinal);
        var identity = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(DataDirectory, "identity.json"), Cancellation))!;
        Assert.Equal((id, true), ((string)identity["deviceId"]!, (bool)identity["proved"]!));
        var agent = Path.Combine(_directory.At("prefix"), "bin", "fleet-agent");
        Assert.True(File.Exists(agent));

        // Whoever ran the script owns the program, not whoever has the number of the one that packed it.
        Assert.Equal(
            (await CommandResult.RunAsync("id", ["-u"], "/", Cancellation)).Succeeded(),
            (await CommandResult.RunAsync("stat", ["-Lc", "%u", agent], "/", Cancellation)).Succeeded());
        var device = JsonNode.Parse(await _client.GetStringAsync(new Uri($"/default/devices/v2/{id}", UriKind.Relative), Cancellation))!;
        Assert.Equal((DeviceName, "online"), ((string)device["name"]!, (string)device["status"]!));

        // The directory is that device's: another one's script leaves it alone.
        var (_, other) = await CreateAsync();
        Fails(await RunAsync(other), "belongs to another device");
    }

    [Fact]
    public async Task Script_WithoutAPackage_UsesTheAgentOnPathOrSaysWhatIsMissing()
    {
        var (_, script) = await CreateAsync();
        Fails(await RunAsync(script), "Fleet:Devices:PackageDirectory");

        var bin = _directory.At("bin");
        Directory.CreateDirectory(bin);
        await WriteAgentAsync(Path.Combine(bin, "fleet-agent"));

        Assert.Contains($"Using {bin}/fleet-agent", (await RunAsync(script, bin)).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Script_TornOrRefused_ChangesNothing()
    {
        await MakePackageAsync();
        var (_, script) = await CreateAsync();

        // A download that was cut short, at any line.
        var lines = script.Split('\n');
        for (var length = 10; length < lines.Length - 2; length += 25)
        {
            await RunAsync(string.Join('\n', lines[..length]));
        }

        // A package that changed on its way.
        await File.AppendAllTextAsync(Path.Combine(Packages, "fleet-agent-linux-x64.tar.gz"), "x", Cancellation);
        await File.AppendAllTextAsync(Path.Combine(Packages, "fleet-agent-linux-arm64.tar.gz"), "x", Cancellation);
        Fails(await RunAsync(script), "damaged");
        Fails(await RunAsync(await (await _client.GetAsync(new Uri("/devices/v2/fe_nothing/install.sh", UriKind.Relative), Cancellation)).Content.ReadAsStringAsync(Cancellation)), "unknown, expired");
        Assert.False(Directory.Exists(DataDirectory));
        Assert.False(Directory.Exists(_directory.At("prefix")));
    }

    private async Task<(string DeviceId, string Script)> CreateAsync()
    {
        using var body = new StringContent(new JsonObject { ["device_name"] = DeviceName }.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await _client.PostAsync(new Uri("/default/devices/v2", UriKind.Relative), body, Cancellation);
        var created = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!;
        var script = await _client.GetStringAsync(new Uri($"/devices/v2/{(string)created["installId"]!}/install.sh", UriKind.Relative), Cancellation);
        return ((string)created["deviceId"]!, script);
    }

    /// <summary>A package whose agent is the one that was built for these tests.</summary>
    private async Task MakePackageAsync()
    {
        var content = _directory.At("content");
        Directory.CreateDirectory(content);
        await WriteAgentAsync(Path.Combine(content, "fleet-agent"));
        foreach (var platform in new[] { "linux-x64", "linux-arm64" })
        {
            (await CommandResult.RunAsync("tar", ["--owner=4711", "--group=4711", "-czf", Path.Combine(Packages, $"fleet-agent-{platform}.tar.gz"), "-C", content, "fleet-agent"], content, Cancellation)).Succeeded();
        }
    }

    private static async Task WriteAgentAsync(string path)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        await File.WriteAllTextAsync(path, $"#!/bin/sh\nexec '{dotnet}' '{Repository.AgentDll}' \"$@\"\n", Cancellation);
        (await CommandResult.RunAsync("chmod", ["755", path], Path.GetTempPath(), Cancellation)).Succeeded();
    }

    private async Task<CommandResult> RunAsync(string script, string? bin = null)
    {
        var file = _directory.At(Guid.NewGuid().ToString("N"));
        await File.WriteAllTextAsync(file, script, Cancellation);
        return await CommandResult.RunAsync("sh", [file], Path.GetTempPath(), Cancellation, new Dictionary<string, string>
        {
            ["FLEET_PREFIX"] = _directory.At("prefix"),
            ["FLEET_AGENT_DATA_DIR"] = DataDirectory,
            // This machine may have a service manager, which is none of a test's business.
            ["FLEET_SERVICE"] = "no",
            ["PATH"] = (bin is null ? "" : bin + ":") + "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        });
    }

    private static void Fails(CommandResult result, string reason)
    {
        Assert.True(result.ExitCode != 0, result.Output);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
    }
}
