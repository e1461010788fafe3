using System.Collections.Concurrent;
using System.Security.Cryptography;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.DeviceApi.Install;

/// <summary>Agents that this server has for install scripts to fetch. The folder may be filled and changed while the server runs.</summary>
internal sealed class AgentPackages(IOptions<FleetOptions> options)
{
    /// <summary>What there may be: for each platform, as .NET names it, the bare program, and Debian's package of it.</summary>
    public static IReadOnlyList<string> Names { get; } = ["linux-x64", "linux-arm64", "linux-x64.deb", "linux-arm64.deb"];

    private readonly ConcurrentDictionary<string, (DateTime Written, long Length, string Hash)> _hashes = new();

    public static string FileOf(string name) => name.EndsWith(".deb", StringComparison.Ordinal) ? $"fleet-agent-{name}" : $"fleet-agent-{name}.tar.gz";

    /// <summary>The package of a name; null when there is none.</summary>
    public FileInfo? Find(string name) =>
        options.Value.Devices.PackageDirectory is { Length: > 0 } folder
        && Names.Contains(name)
        && new FileInfo(Path.Combine(Path.GetFullPath(folder), FileOf(name))) is { Exists: true } file
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
