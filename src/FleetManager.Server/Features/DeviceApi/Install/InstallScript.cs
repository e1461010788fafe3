using System.Text;

namespace FleetManager.Server.Features.DeviceApi.Install;

/// <summary>
/// The install script of one device: what is particular to it as variables, then <c>install.sh</c> of this folder. Every value is quoted, for
/// names are people's and the address is whatever the caller asked for.
/// </summary>
internal static class InstallScript
{
    private static readonly string s_body = Read("install.sh");

    // The same unit that Debian's package holds: an agent is as closed in either way.
    private static readonly string s_unit = Read("fleet-agent.service");

    /// <param name="server">Address of this server, as the device reached it.</param>
    /// <param name="installId">The token.</param>
    /// <param name="installation">The device.</param>
    /// <param name="packages">SHA-256 of each package that there is.</param>
    public static string For(string server, string installId, Installation installation, IReadOnlyDictionary<string, string> packages) =>
        new StringBuilder("#!/bin/sh\n")
            .Append("# Installs the FleetManager agent on this device and gives it its identity. Safe to run again.\n")
            .Append("server=").Append(Quote(server)).Append('\n')
            .Append("install_id=").Append(Quote(installId)).Append('\n')
            .Append("device_id=").Append(Quote(installation.DeviceId)).Append('\n')
            .Append("device_name=").Append(Quote(installation.DeviceName)).Append('\n')
            .Append("packages=").Append(Quote(string.Join(' ', packages.Select(p => $"{p.Key}={p.Value}")))).Append('\n')
            .Append("unit=").Append(Quote(s_unit)).Append('\n')
            .Append(s_body)
            .ToString();

    /// <summary>Says why there is nothing to install, also to a shell that a careless pipe gives the refusal to.</summary>
    public static string Refusal(string reason) => $"printf '%s\\n' {Quote(reason)} >&2\nexit 1\n";

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Read(string name)
    {
        using var stream = typeof(InstallScript).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
