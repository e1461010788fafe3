using FleetManager.Agent.Platform;

namespace FleetManager.FaultLab.Disk;

internal enum DiskAnswer
{
    Done,
    Failed,
    Full,
}

/// <summary>
/// The disk of the simulated device: a folder whose calls can fail, which can be full, and which can lose power. It keeps book of what was
/// not flushed; a power cut takes the files back to their last flush and then lets a random part of the later writes through, some torn.
/// </summary>
internal sealed class FaultyDisk(string root, Random random)
{
    private const int Enospc = 28;
    private const int Eio = 5;

    private readonly UnflushedFiles _unflushed = new(root, random);
    private int? _callsLeft;

    /// <summary>The machine, or the process, is gone: nothing that is called from now on happens.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Whether the death that comes, or came, takes what was not flushed with it.</summary>
    public bool LosesPower { get; private set; }

    /// <summary>How many of the calls fail, 0–1.</summary>
    public double ErrorRate { get; set; }

    /// <summary>Bytes that fit; null for as many as come.</summary>
    public long? Capacity { get; set; }

    /// <summary>The simulation looks on itself, and must see what there is.</summary>
    public bool IsCalm { get; set; }

    /// <summary>A disk that says flushed and is not: proves that the lab would notice.</summary>
    public bool Lies { get; init; }

    public void DieAfter(int calls, bool power)
    {
        (_callsLeft, LosesPower) = (calls, power);
    }

    /// <summary>No death comes after all.</summary>
    public void CallOff() => (_callsLeft, LosesPower) = (null, false);

    /// <summary>Ends the machine now.</summary>
    public void Die(bool power) => (IsDead, LosesPower, _callsLeft) = (true, power, null);

    /// <summary>Brings the files to what the next start finds: after kill -9 all that was written, and still unflushed. Everything must be closed.</summary>
    public void Revive()
    {
        if (LosesPower)
        {
            _unflushed.Lose();
        }

        (IsDead, LosesPower, _callsLeft) = (false, false, null);
    }

    public bool Read() => IsCalm || (!IsDead && (ErrorRate == 0 || random.NextDouble() >= ErrorRate / 10));

    public DiskAnswer Write(string path, Change change)
    {
        var answer = Judge(change.Grows ? change.SizeAfter - change.SizeBefore : 0);
        if (answer == DiskAnswer.Done)
        {
            _unflushed.Add(path, change);
        }

        return answer;
    }

    public bool Sync(string path, bool withFolder)
    {
        if (Judge(0) != DiskAnswer.Done)
        {
            return false;
        }

        if (!Lies)
        {
            _unflushed.Flushed(path);
            if (withFolder)
            {
                _unflushed.FlushedDirectory(Path.GetDirectoryName(path)!);
            }
        }

        return true;
    }

    public bool Delete(string path, bool durable)
    {
        if (Judge(0) != DiskAnswer.Done)
        {
            return false;
        }

        _unflushed.Deleted(path, durable);
        return true;
    }

    /// <summary>The steps of the agent's own files.</summary>
    public void Step(DiskStep step, string path)
    {
        var answer = Judge(step == DiskStep.Write ? 4096 : 0);
        if (answer != DiskAnswer.Done)
        {
            throw answer == DiskAnswer.Full ? new IOException("no space left (fault lab)", Enospc) : new IOException($"input/output error at {step} (fault lab)", Eio);
        }

        if (step == DiskStep.Rename)
        {
            _unflushed.Renamed(path);
        }
        else if (step == DiskStep.FlushDirectory && !Lies)
        {
            _unflushed.FlushedDirectory(path);
        }
    }

    private DiskAnswer Judge(long growth)
    {
        if (IsCalm)
        {
            return DiskAnswer.Done;
        }

        if (IsDead)
        {
            return DiskAnswer.Failed;
        }

        if (_callsLeft is { } left && (_callsLeft = left - 1) <= 0)
        {
            // The last call may have reached the disk, though nobody lived to hear of it.
            IsDead = true;
            return random.Next(2) == 0 ? DiskAnswer.Done : DiskAnswer.Failed;
        }

        return growth > 0 && Capacity is { } capacity && _unflushed.Size + growth > capacity ? DiskAnswer.Full
            : ErrorRate > 0 && random.NextDouble() < ErrorRate ? DiskAnswer.Failed
            : DiskAnswer.Done;
    }
}
