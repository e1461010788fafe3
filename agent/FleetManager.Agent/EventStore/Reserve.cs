using System.Globalization;
using FleetManager.Agent.Platform;

namespace FleetManager.Agent.EventStore;

/// <summary>
/// Room set aside on the volume: a few files whose blocks are taken. When something else has filled the disk, or used up its inodes, giving
/// them back is what lets the journal write down what the server holds, delete it, and so make room again.
/// </summary>
internal sealed class Reserve(string folder)
{
    private const int Pieces = 4;
    private const long MaxPiece = 4 * 1024 * 1024;

    // On a small volume the reserve is small.
    private const int ShareOfVolume = 32;

    private readonly string _folder = Path.Combine(folder, "reserve");

    /// <summary>Gives the room back; false when there was none.</summary>
    public bool Release()
    {
        var released = false;
        foreach (var piece in Paths().Where(File.Exists))
        {
            try
            {
                File.Delete(piece);
                released = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }

        return released;
    }

    /// <summary>
    /// Takes the room again, as far as the volume then still has more than <paramref name="leave"/>; returns whether all of it is there. Does not
    /// throw: without it the store works on.
    /// </summary>
    public bool Restore(FreeSpace disk, long leave)
    {
        var size = Math.Min(MaxPiece, disk.Total / ShareOfVolume);
        try
        {
            Directory.CreateDirectory(_folder);
            foreach (var piece in Paths().Where(p => !File.Exists(p)))
            {
                if (disk.Available - size < leave)
                {
                    return false;
                }

                DurableFile.Allocate(piece, size);
                disk.Spend(size);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private IEnumerable<string> Paths() => Enumerable.Range(0, Pieces).Select(i => Path.Combine(_folder, i.ToString(CultureInfo.InvariantCulture)));
}
