using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace FleetManager.Server.Tests.Bundles;

/// <summary>Makes archives: proper ones by the library, and by hand those that no library writes.</summary>
internal static class Tar
{
    private const int Block = 512;

    /// <summary>As a tool of that format writes it.</summary>
    public static byte[] Write(TarEntryFormat format, params (string Name, byte[] Content)[] members)
    {
        var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, format, leaveOpen: true))
        {
            foreach (var (name, content) in members)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream(content);
                tar.WriteEntry(entry);
            }
        }

        return archive.ToArray();
    }

    /// <summary>Entries, then the two empty blocks that end an archive.</summary>
    public static byte[] Of(params byte[][] entries) => [.. entries.SelectMany(e => e), .. new byte[2 * Block]];

    /// <summary>A header and its content; the size that it claims may be another.</summary>
    public static byte[] Entry(string name, byte[]? content = null, char kind = '0', long? size = null)
    {
        content ??= [];
        var header = new byte[Block];
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        Octal(0b110_100_100, 7).CopyTo(header, 100);
        Octal(size ?? content.Length, 11).CopyTo(header, 124);
        header[156] = (byte)kind;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        header.AsSpan(148, 8).Fill((byte)' ');
        Octal(header.Sum(b => b), 6).CopyTo(header, 148);
        return [.. header, .. content, .. new byte[(Block - (content.Length % Block)) % Block]];
    }

    /// <summary>An extended header with one record.</summary>
    public static byte[] Pax(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = rest.Length + $"{rest.Length}".Length;
        length += $"{length}".Length - $"{rest.Length}".Length;
        return Entry("pax", Encoding.UTF8.GetBytes($"{length}{rest}"), 'x');
    }

    public static byte[] Gzip(byte[] content, CompressionLevel level = CompressionLevel.Fastest)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, level))
        {
            zip.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>The same bytes so many times over, packed without ever being in memory.</summary>
    public static byte[] GzipRepeated(byte[] start, byte[] repeated, int times)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            zip.Write(start);
            for (var i = 0; i < times; i++)
            {
                zip.Write(repeated);
            }
        }

        return packed.ToArray();
    }

    private static byte[] Octal(long value, int digits) => Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(digits, '0') + '\0');
}
