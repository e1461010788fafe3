using System.Text;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Events.Bundles;

/// <summary>
/// Reads the files of a tar archive one after the other, and holds a header's worth of it at most. Not the library's reader: that one rents as
/// many bytes as a header claims for a long name, up to 2 GB, before one of them has arrived (decision 40).
/// </summary>
/// <param name="archive">The archive, unpacked.</param>
/// <param name="what">What it is called in a refusal, such as <c>The bundle</c>.</param>
/// <param name="maxEntries">Most entries, each of which may cost the memory of its name.</param>
internal sealed class TarMembers(Stream archive, string what = "The bundle", int maxEntries = 1000)
{
    private const int MaxExtension = 64 * 1024;
    private readonly byte[] _block = new byte[TarHeader.BlockSize];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private long _left;
    private long _padding;
    private int _entries;

    /// <summary>The next file, whose content must be read before the one after it; null at the end. Whatever is wrong is a bad request.</summary>
    public async Task<TarMember?> NextAsync(CancellationToken cancellationToken)
    {
        await SkipAsync(_left, cancellationToken);
        await SkipAsync(_padding, cancellationToken);
        var (longName, longSize) = ((string?)null, (long?)null);
        while (await ReadHeaderAsync(cancellationToken) is { } header)
        {
            switch (header.Kind)
            {
                case '0' or '7' or '\0':
                    return Open(longName ?? header.Name, longSize ?? header.Size);
                case '5':
                    MemberName.Check(longName ?? header.Name);
                    (longName, longSize) = (null, null);
                    break;
                case 'L':
                    longName = Encoding.UTF8.GetString(await ReadExtensionAsync(header, cancellationToken)).TrimEnd('\0');
                    break;
                case 'x':
                    var (path, size) = PaxRecords.Read(await ReadExtensionAsync(header, cancellationToken));
                    (longName, longSize) = (path ?? longName, size ?? longSize);
                    break;
                case 'g':
                    await ReadExtensionAsync(header, cancellationToken);
                    break;
                default:
                    throw new BadHttpRequestException($"{what} holds '{header.Name}', which is {KindOf(header.Kind)}: only plain files are taken.");
            }
        }

        return null;
    }

    private TarMember Open(string name, long size)
    {
        name = MemberName.Check(name);
        if (!_names.Add(name))
        {
            throw new BadHttpRequestException($"{what} holds '{name}' twice.");
        }

        (_left, _padding) = (size, PaddingOf(size));
        return new TarMember(name, size, new Content(this));
    }

    private async Task<TarHeader?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        await ReadWholeAsync(_block, cancellationToken);
        if (_block.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            return null;
        }

        if (!TarHeader.TryRead(_block, out var header))
        {
            throw new BadHttpRequestException(_entries == 0
                ? $"{what} is no tar or tar.gz archive: send it as it is on disk."
                : $"{what} is broken: a header in it can not be read.");
        }

        return ++_entries <= maxEntries ? header : throw new BadHttpRequestException($"{what} has more than {maxEntries} entries.");
    }

    private async Task<byte[]> ReadExtensionAsync(TarHeader header, CancellationToken cancellationToken)
    {
        if (header.Size > MaxExtension)
        {
            throw new BadHttpRequestException($"{what} holds a header of {header.Size} bytes; at most {MaxExtension} are taken.");
        }

        var extension = new byte[header.Size];
        await ReadWholeAsync(extension, cancellationToken);
        await SkipAsync(PaddingOf(header.Size), cancellationToken);
        return extension;
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        for (; count > 0; count -= Math.Min(count, _block.Length))
        {
            await ReadWholeAsync(_block.AsMemory(0, (int)Math.Min(count, _block.Length)), cancellationToken);
        }
    }

    private async Task ReadWholeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (int read; buffer.Length > 0; buffer = buffer[read..])
        {
            read = await ReadAsync(buffer, cancellationToken);
        }
    }

    /// <summary>An archive ends with a block of zeros, so the end of the stream is always too early.</summary>
    private async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        await archive.ReadAsync(buffer, cancellationToken) is > 0 and var read
            ? read
            : throw new BadHttpRequestException($"{what} ends too early: it was cut off, or is no archive at all.");

    private static long PaddingOf(long size) => (TarHeader.BlockSize - (size % TarHeader.BlockSize)) % TarHeader.BlockSize;

    private static string KindOf(char kind) => kind switch
    {
        '1' => "a hard link",
        '2' => "a symbolic link",
        '3' or '4' => "a device",
        '6' => "a pipe",
        'K' => "a link",
        'S' => "a sparse file",
        _ => $"of the unknown kind '{(char.IsAsciiLetterOrDigit(kind) ? kind : '?')}'",
    };

    /// <summary>The content of the present member, and no more.</summary>
    private sealed class Content(TarMembers members) : ReadStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (members._left == 0 || buffer.Length == 0)
            {
                return 0;
            }

            var read = await members.ReadAsync(buffer[..(int)Math.Min(buffer.Length, members._left)], cancellationToken);
            members._left -= read;
            return read;
        }
    }
}

/// <param name="Name">Path with slashes, checked: relative, and without dots to climb by.</param>
/// <param name="Size">Bytes of it, as its header says.</param>
/// <param name="Content">To be read before the next member is asked for.</param>
internal sealed record TarMember(string Name, long Size, Stream Content);
