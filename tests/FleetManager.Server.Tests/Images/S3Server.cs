using System.Diagnostics;
using System.Text.Json.Nodes;

[assembly: AssemblyFixture(typeof(FleetManager.Server.Tests.Images.S3Server))]

namespace FleetManager.Server.Tests.Images;

/// <summary>
/// A real S3-compatible server that checks signatures: s3rver from npm, put beside the tests by the first one that wants it. Where there is no
/// Node.js, tests that need it are skipped and say so.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string AccessKey = "S3RVER";
    public const string SecretKey = "S3RVER";
    public const string Bucket = "fleet";
    private const string Package = "@20minutes/s3rver@5.0.0";

    // Ends with its standard input: also when the tests are killed.
    private const string Script =
        """
        const S3rver = require('@20minutes/s3rver');
        new S3rver({ address: '127.0.0.1', port: 0, directory: process.argv[2], silent: true, configureBuckets: [{ name: 'fleet' }] })
          .run().then(address => console.log(JSON.stringify(address)));
        process.stdin.on('end', () => process.exit()).resume();
        """;

    private readonly Lazy<Task<string?>> _started;
    private readonly string _data = Directory.CreateTempSubdirectory("fleet-s3-").FullName;
    private Process? _process;

    public S3Server()
    {
        _started = new Lazy<Task<string?>>(StartAsync);
        Instance = this;
    }

    internal static S3Server Instance { get; private set; } = null!;

    /// <summary>Address of the server, which holds one empty bucket at first. Skips the test when there is no Node.js.</summary>
    internal async Task<string> EndpointAsync()
    {
        var endpoint = await _started.Value;
        Assert.SkipWhen(endpoint is null, "no Node.js with npm here, and so no S3-compatible server");
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task<string?> StartAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "s3");
        var script = Path.Combine(folder, "server.js");
        Directory.CreateDirectory(folder);
        try
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules", "@20minutes", "s3rver")))
            {
                await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), "{}");
                using var npm = Process.Start(Quiet("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, Package]))!;
                npm.StandardInput.Close();
                var said = await Task.WhenAll(npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
                await npm.WaitForExitAsync();
                Assert.True(npm.ExitCode == 0, $"npm could not install {Package}: {said[1]}");
            }

            await File.WriteAllTextAsync(script, Script);
            _process = Process.Start(Quiet("node", [script, _data]))!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }

        if (await _process.StandardOutput.ReadLineAsync() is not { } address)
        {
            throw new InvalidOperationException($"The S3-compatible server did not start: {await _process.StandardError.ReadToEndAsync()}");
        }

        return $"http://127.0.0.1:{JsonNode.Parse(address)!["port"]}";
    }

    private static ProcessStartInfo Quiet(string program, string[] arguments) =>
        new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
}
