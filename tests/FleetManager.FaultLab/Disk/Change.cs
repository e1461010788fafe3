namespace FleetManager.FaultLab.Disk;

/// <summary>A write, or with nothing <paramref name="After"/> a truncation, that was not flushed yet.</summary>
/// <param name="At">Offset of the first byte.</param>
/// <param name="Before">What was there.</param>
/// <param name="After">What is there now.</param>
/// <param name="SizeBefore">The file's length before.</param>
/// <param name="SizeAfter">The file's length after.</param>
internal sealed record Change(long At, byte[] Before, byte[] After, long SizeBefore, long SizeAfter)
{
    private const int Sector = 512;

    public bool Grows => SizeAfter > SizeBefore;

    public void Undo(FileStream file)
    {
        Put(file, Before);
        file.SetLength(SizeBefore);
    }

    public void Redo(FileStream file)
    {
        Put(file, After);
        if (After.Length == 0)
        {
            file.SetLength(SizeAfter);
        }
    }

    /// <summary>Only the first sectors reached the disk.</summary>
    public Change Torn(Random random) => After.Length <= Sector ? this : this with { After = After[..(random.Next(After.Length / Sector) * Sector)] };

    private void Put(FileStream file, byte[] bytes)
    {
        file.Position = At;
        file.Write(bytes);
    }
}
