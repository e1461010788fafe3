using System.Collections.Concurrent;
using System.Security.Cryptography;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.DeviceApi.Install;

/// <summary>Agents that this server has for install scripts to fetch. The folder may be filled and changed while the server runs.</summary>
internal sealed class AgentPackages(IOptions<FleetOptions> options)
{
    /// <summary>What the agent is built for, as .NET names it.</summary>
    public static IReadOnlyList<string> Platforms { get; } = ["linux-x64", "linux-arm64"];

    private readonly ConcurrentDictionary<string, (DateTime Written, long Length, string Hash)> _hashes = new();

    public static string NameOf(string platform) => $"fleet-agent-{platform}.tar.gz";

    /// <summary>The package of a platform; null when there is none.</summary>
    public FileInfo? Find(string platform) =>
        options.Value.Devices.PackageDirectory is { Length: > 0 } folder
        && Platforms.Contains(platform)
        && new FileInfo(Path.Combine(Path.GetFullPath(folder), NameOf(platform))) is { Exists: true } file
            ? file
            : null;

    /// <summary>SHA-256 of the package in lower-case hexadecimal digits, so that a script can tell a torn download.</summary>
    public async Task<string> HashAsync(FileInfo package, CancellationToken cancellationToken)
    {
        if (_hashes.TryGetValue(package.FullName, out var known) && (known.Written, known.Length) == (package.LastWriteTimeUtc, package.Length))
        {
            return known.Hash;
        }

        await using var file = package.OpenRead();
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
        _hashes[package.FullName] = (package.LastWriteTimeUtc, package.Length, hash);
        return hash;
    }
}
