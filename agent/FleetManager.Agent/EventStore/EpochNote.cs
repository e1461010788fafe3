using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Which numbers of which epoch may have been given out, kept beside the journal: what is known of a journal that can no longer be read, and
/// what tells that one is an older copy of itself. Two slots in one small file, written in turn over themselves, each with its checksum: a
/// torn write leaves the other, and a full disk does not matter. One write in a thousand events.
/// </summary>
internal sealed class EpochNote
{
    /// <summary>How many numbers one note covers.</summary>
    public const long Step = 1000;

    private const int Slots = 2;
    private const int SlotBytes = 4096;
    private const int Content = 16 + (4 * sizeof(long));
    private readonly string _path;
    private long _generation;

    public EpochNote(string folder)
    {
        _path = Path.Combine(folder, "epoch");
        Read();
    }

    /// <summary>Null when there is no note, or none that is whole.</summary>
    public Guid? Epoch { get; private set; }

    /// <summary>All up to here were given out.</summary>
    public long AtLeast { get; private set; }

    /// <summary>None above was given out.</summary>
    public long AtMost { get; private set; }

    /// <summary>True when both slots are whole.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>On disk when it returns.</summary>
    public void Write(Guid epoch, long atLeast, long atMost)
    {
        if (IsWhole && Epoch == epoch && AtLeast == atLeast && AtMost == atMost)
        {
            return;
        }

        var slot = new byte[SlotBytes];
        epoch.TryWriteBytes(slot);
        BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(16), atLeast);
        BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(24), atMost);
        BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(32), ++_generation);
        BinaryPrimitives.WriteInt64LittleEndian(slot.AsSpan(40), RowSum.Of(epoch, atLeast, atMost, _generation));
        using var file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write);
        var isNew = RandomAccess.GetLength(file) == 0;
        Put(file, slot, _generation % Slots);
        if (!IsWhole)
        {
            Put(file, slot, (_generation + 1) % Slots);
        }

        if (isNew)
        {
            Platform.DurableFile.FlushDirectory(Path.GetDirectoryName(_path)!);
        }

        IsWhole = true;
        (Epoch, AtLeast, AtMost) = (epoch, atLeast, atMost);
    }

    private void Read()
    {
        var content = File.Exists(_path) ? File.ReadAllBytes(_path) : [];
        var whole = 0;
        for (var at = 0; at + Content <= content.Length && at < Slots * SlotBytes; at += SlotBytes)
        {
            var slot = content.AsSpan(at, Content);
            var (epoch, atLeast, atMost, generation) = (new Guid(slot[..16]), Number(slot, 16), Number(slot, 24), Number(slot, 32));
            if (Number(slot, 40) != RowSum.Of(epoch, atLeast, atMost, generation))
            {
                continue;
            }

            whole++;
            if (Epoch is null || generation > _generation)
            {
                (Epoch, AtLeast, AtMost, _generation) = (epoch, atLeast, atMost, generation);
            }
        }

        IsWhole = whole == Slots;
    }

    private static void Put(SafeFileHandle file, byte[] slot, long index)
    {
        RandomAccess.Write(file, slot, index * SlotBytes);
        RandomAccess.FlushToDisk(file);
    }

    private static long Number(ReadOnlySpan<byte> slot, int at) => BinaryPrimitives.ReadInt64LittleEndian(slot[at..]);
}
