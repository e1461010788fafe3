using FleetManager.Data;

namespace FleetManager.Server.Features.Images;

/// <summary>
/// Lets those who wait for the disk or the database share it: whoever comes while a group is served waits for the next one. No timer: one alone
/// is served at once. A group that fails is tried one by one, so that nobody fails for another, unless the database is
/// away: waiting for it as often as there are callers helps nobody.
/// </summary>
internal sealed class GroupCommit<TItem, TResult>(Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> write)
{
    private readonly Lock _lock = new();
    private List<Waiting> _next = [];
    private bool _writing;

    /// <summary>Completes when the group of the item is written. Once taken in it is written even if the caller goes away.</summary>
    public Task<TResult> AddAsync(TItem item)
    {
        var waiting = new Waiting(item, new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            _next.Add(waiting);
            if (!_writing)
            {
                _writing = true;
                _ = Task.Run(WriteAllAsync);
            }
        }

        return waiting.Written.Task;
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            List<Waiting> group;
            lock (_lock)
            {
                (group, _next) = (_next, []);
                if (group.Count == 0)
                {
                    _writing = false;
                    return;
                }
            }

            await WriteAsync(group);
        }
    }

    private async Task WriteAsync(List<Waiting> group)
    {
        try
        {
            var results = await write(group.ConvertAll(w => w.Item));
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Written.SetResult(results[i]);
            }
        }
        catch (Exception fault) when (group.Count > 1 && !DatabaseFaults.IsUnavailable(fault))
        {
            foreach (var one in group)
            {
                await WriteAsync([one]);
            }
        }
        catch (Exception fault)
        {
            group.ForEach(w => w.Written.SetException(fault));
        }
    }

    private sealed record Waiting(TItem Item, TaskCompletionSource<TResult> Written);
}
