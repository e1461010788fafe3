using FleetManager.Server.Features.Images;
using Microsoft.Data.Sqlite;

namespace FleetManager.Server.Tests.Images;

public sealed class GroupCommitTests
{
    [Fact]
    public async Task Group_ThoseWhoComeMeanwhile_AreWrittenTogether()
    {
        var groups = new List<int[]>();
        var first = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var commit = new GroupCommit<int, int>(async items =>
        {
            groups.Add([.. items]);
            started.TrySetResult();
            await first.Task;
            return [.. items.Select(i => i * 10)];
        });

        var one = commit.AddAsync(1);
        await started.Task;
        var others = new[] { commit.AddAsync(2), commit.AddAsync(3), commit.AddAsync(4) };
        first.SetResult();

        Assert.Equal(10, await one);
        int[] written = await Task.WhenAll(others);
        Assert.Equal([20, 30, 40], written);
        Assert.Equal([[1], [2, 3, 4]], groups);
        Assert.Equal(50, await commit.AddAsync(5));
    }

    [Fact]
    public async Task Group_WithABadOne_FailsThatOneOnly()
    {
        var first = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        var commit = new GroupCommit<int, int>(async items =>
        {
            started.TrySetResult();
            await first.Task;
            return items.Contains(3) ? throw new IOException("three") : items;
        });

        var one = commit.AddAsync(1);
        await started.Task;
        var (two, three, four) = (commit.AddAsync(2), commit.AddAsync(3), commit.AddAsync(4));
        first.SetResult();

        int[] written = await Task.WhenAll(one, two, four);
        Assert.Equal([1, 2, 4], written);
        await Assert.ThrowsAsync<IOException>(() => three);
    }

    [Fact]
    public async Task Group_WhileTheDatabaseIsAway_FailsAtOnceAndTogether()
    {
        const int SqliteFull = 13;
        var (groups, first, started) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        var commit = new GroupCommit<int, int>(async items =>
        {
            groups++;
            started.TrySetResult();
            await first.Task;
            throw new SqliteException("full", SqliteFull);
        });

        var one = commit.AddAsync(1);
        await started.Task;
        Task[] others = [commit.AddAsync(2), commit.AddAsync(3), commit.AddAsync(4)];
        first.SetResult();

        await Assert.ThrowsAsync<SqliteException>(() => one);
        foreach (var other in others)
        {
            await Assert.ThrowsAsync<SqliteException>(() => other);
        }

        Assert.Equal(2, groups);
    }
}
