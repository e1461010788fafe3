using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;

namespace FleetManager.Agent.Tests.Platform;

/// <summary>What is kept on the device until the server has it: through restarts, power cuts and full disks, and never silently less.</summary>
public sealed class LineRingTests : IDisposable
{
    private static readonly RingSize s_size = new(SegmentBytes: 400, Segments: 3, IsFlushed: false);
    private readonly TemporaryFolder _folder = new();

    private string Folder => Path.Combine(_folder.Path, "log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_ComeBackInOrder_AfterAKillAndOnlyUntilTheyWereSent()
    {
        // Never disposed: what a killed process leaves.
        var killed = Open(boot: 1);
        Append(killed, 3);

        using var ring = Open(boot: 2);
        Append(ring, 2);

        var first = ring.Peek(100, int.MaxValue)!;
        Assert.Equal((1L, "1,2,3"), (first.Boot, Numbers(first)));
        ring.MarkSent(first);
        var second = ring.Peek(100, int.MaxValue)!;
        Assert.Equal((2L, "1,2"), (second.Boot, Numbers(second)));

        using var later = Open(boot: 3);
        Assert.Equal((2L, "1,2"), (later.Peek(100, int.MaxValue)!.Boot, Numbers(later.Peek(100, int.MaxValue)!)));
        later.MarkSent(second);
        Assert.Null(later.Peek(100, int.MaxValue));
        Assert.Equal(0, later.LeftOut);
    }

    [Fact]
    public void Batches_AreBoundByNumberAndBytes()
    {
        using var ring = Open(boot: 1);
        Append(ring, 6);

        Assert.Equal("1,2", Numbers(ring.Peek(2, int.MaxValue)!));
        Assert.Equal("1,2", Numbers(ring.Peek(100, 200)!));
        Assert.Equal("1", Numbers(ring.Peek(100, 1)!));
    }

    [Fact]
    public void Room_RunsOut_TheOldestGiveWayAndOnlyTheUnsentOnesCount()
    {
        using (var ring = Open(boot: 1))
        {
            Append(ring, 4);
            ring.MarkSent(ring.Peek(2, int.MaxValue)!);
            Append(ring, 36);

            var left = Numbers(ring.Peek(100, int.MaxValue)!).Split(',');
            Assert.Equal("40", left[^1]);
            Assert.Equal(40 - 2 - left.Length, ring.LeftOut);
            Assert.InRange(Directory.EnumerateFiles(Folder, "*.log").Sum(f => new FileInfo(f).Length), 1, 3 * 400);
        }

        // The count outlives the process, also without the file that says what was sent.
        var before = Open(boot: 2).LeftOut;
        Assert.True(before > 20);
        File.Delete(Path.Combine(Folder, "sent"));
        Assert.InRange(Open(boot: 2).LeftOut, 20, before);
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("zeros")]
    [InlineData("noise")]
    public void Tail_DamagedByAPowerCut_IsCutOffAndCounted(string damage)
    {
        Append(Open(boot: 1), 2);
        var newest = Directory.EnumerateFiles(Folder, "*.log").Single();
        using (var file = new FileStream(newest, FileMode.Append))
        {
            file.Write(damage switch
            {
                "torn" => "1 3 {\"seq\":3,\"at\":\"2026-"u8,
                "zeros" => new byte[300],
                _ => "\u0001\u0002garbage\n1 4 {}\n"u8,
            });
        }

        using var ring = Open(boot: 2);

        Assert.True(ring.LeftOut >= 1);
        Append(ring, 1);
        var batch = ring.Peek(100, int.MaxValue)!;
        Assert.Equal("1,2", Numbers(batch));
        ring.MarkSent(batch);
        Assert.Equal((2L, "1"), (ring.Peek(100, int.MaxValue)!.Boot, Numbers(ring.Peek(100, int.MaxValue)!)));
    }

    [Fact]
    public void Line_ThatCanNotBeRead_IsPassedOverAndCounted()
    {
        Append(Open(boot: 1), 3);
        var newest = Directory.EnumerateFiles(Folder, "*.log").Single();
        File.WriteAllText(newest, File.ReadAllText(newest).Replace("\"seq\":2", "\"seq\":x", StringComparison.Ordinal));
        using var ring = Open(boot: 2);

        var batch = ring.Peek(100, int.MaxValue)!;
        Assert.Equal(("1,3", 1), (Numbers(batch), batch.Damaged));
        ring.MarkSent(batch);

        Assert.Equal((1L, (RingBatch<LogLine>?)null), (ring.LeftOut, ring.Peek(100, int.MaxValue)));
        ring.MarkTold(1);
        Assert.Equal(0, Open(boot: 3).LeftOut);
    }

    [Fact]
    public void Disk_ThatTakesNothing_IsCountedUntilItDoes()
    {
        // A file where the folder should be.
        File.WriteAllText(Folder, "");
        using var ring = Open(boot: 1);

        Assert.False(ring.Append(Line));
        Assert.False(ring.Append(Line));
        Assert.Equal(2, ring.LeftOut);

        File.Delete(Folder);
        Assert.True(ring.Append(Line));
        Assert.Equal("1", Numbers(ring.Peek(100, int.MaxValue)!));
    }

    [Fact]
    public void Last_FindsTheNewestOfAnyStart()
    {
        Append(Open(boot: 1), 3);
        using var ring = Open(boot: 2);

        Assert.Equal(3, ring.Last(_ => true)!.Seq);
        Assert.Equal(2, ring.Last(l => l.Seq < 3)!.Seq);
        Assert.Null(ring.Last(l => l.Seq > 3));
    }

    private LineRing<LogLine> Open(long boot) => new(Folder, boot, s_size, ContractsJson.Default.LogLine);

    private static void Append(LineRing<LogLine> ring, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(ring.Append(Line));
        }
    }

    private static LogLine Line(long seq) => new(seq, DateTimeOffset.UnixEpoch, "INFO", "sync", "text");

    private static string Numbers(RingBatch<LogLine> batch) => string.Join(',', batch.Lines.Select(l => l.Seq));
}
