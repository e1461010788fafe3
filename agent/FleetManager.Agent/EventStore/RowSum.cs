using System.Numerics;
using System.Runtime.InteropServices;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// CRC-32C of what a row says, kept in the row, so that a flipped bit is seen before it is believed. Rows that version 2 wrote have none
/// and pass unchecked.
/// </summary>
internal static class RowSum
{
    private const uint Start = ~0u;

    public static bool Passes(object? kept, long sum) => kept is null or DBNull || (kept is long value && value == sum);

    public static long Of(params ReadOnlySpan<long> numbers) => Add(Start, MemoryMarshal.AsBytes(numbers));

    public static long Of(Guid epoch, params ReadOnlySpan<long> numbers) => Add(Add(Start, epoch.ToByteArray()), MemoryMarshal.AsBytes(numbers));

    /// <summary>Of a run of numbers and why it is there.</summary>
    public static long Of(long first, long last, string reason) => Text(Add(Start, MemoryMarshal.AsBytes((ReadOnlySpan<long>)[first, last])), reason);

    public static long Of(long seq, long receivedAt, StoredEvent stored)
    {
        var sum = Add(Start, MemoryMarshal.AsBytes((ReadOnlySpan<long>)[seq, receivedAt]));
        sum = Text(Text(Text(sum, stored.Id), stored.UseCase), stored.Device);
        return Part(Part(sum, stored.Body, stored.Body.Length), stored.Images, stored.Images?.Length ?? -1);
    }

    private static uint Text(uint sum, string? text) => Part(sum, MemoryMarshal.AsBytes(text.AsSpan()), text?.Length ?? -1);

    // The length as well, for a byte that moves from one part to the next must change the sum.
    private static uint Part(uint sum, ReadOnlySpan<byte> bytes, int length) => Add(BitOperations.Crc32C(sum, (uint)length), bytes);

    private static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            sum = BitOperations.Crc32C(sum, eight);
        }

        foreach (var one in bytes[(bytes.Length & ~7)..])
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return sum;
    }
}
