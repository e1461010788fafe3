using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.Control;

/// <summary>
/// The last good settings, in two files written in turn, each with its checksum in the first line: whatever a power cut or a failing disk
/// does to the one that is being written, the other is whole.
/// </summary>
/// <param name="directory">The data directory; who only reads need not have taken it.</param>
internal sealed class SettingsSlots(string directory)
{
    private readonly string[] _paths = [Path.Combine(directory, "settings.0.json"), Path.Combine(directory, "settings.1.json")];

    public SettingsSlots(DataDirectory directory)
        : this(directory.Root)
    {
    }

    /// <summary>The newest whole slot; null when there is none.</summary>
    public SettingsRecord? Load() => _paths.Select(Read).OfType<SettingsRecord>().MaxBy(r => r.Generation);

    public void Save(SettingsRecord record)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(record, AgentJson.Default.SettingsRecord);
        DurableFile.Write(_paths[record.Generation % 2], [.. Encoding.ASCII.GetBytes(Checksum(json)), (byte)'\n', .. json]);
    }

    private static SettingsRecord? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        ReadOnlySpan<byte> content = File.ReadAllBytes(path);
        var line = content.IndexOf((byte)'\n');
        if (line < 0 || Encoding.ASCII.GetString(content[..line]) != Checksum(content[(line + 1)..]))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(content[(line + 1)..], AgentJson.Default.SettingsRecord);
        }
        catch (JsonException)
        {
            // Whole, but of another version of the agent.
            return null;
        }
    }

    private static string Checksum(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
