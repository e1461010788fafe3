using System.Buffers.Text;
using System.Text;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>An extended header of POSIX: records of the form <c>LENGTH KEY=VALUE\n</c>, of which only the path and the size matter here.</summary>
internal static class PaxRecords
{
    public static (string? Path, long? Size) Read(ReadOnlySpan<byte> records)
    {
        string? path = null;
        long? size = null;
        while (records.Length > 0)
        {
            if (!Utf8Parser.TryParse(records, out int length, out var digits) || length < digits + 2 || length > records.Length
                || records[digits] != ' ' || records[length - 1] != '\n' || records[(digits + 1)..(length - 1)].IndexOf((byte)'=') is not (>= 0 and var equals))
            {
                throw Broken();
            }

            var record = records[(digits + 1)..(length - 1)];
            var key = record[..equals];
            var value = record[(equals + 1)..];
            if (key.SequenceEqual("path"u8))
            {
                path = Encoding.UTF8.GetString(value);
            }
            else if (key.SequenceEqual("size"u8))
            {
                size = Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length && number >= 0 ? number : throw Broken();
            }

            records = records[length..];
        }

        return (path, size);
    }

    private static BadHttpRequestException Broken() => new("The bundle is broken: an extended header in it can not be read.");
}
