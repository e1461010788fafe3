using System.Data.Common;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Components;

/// <summary>
/// A component that shows data of the workspace, loads it when its parameters change and again when the data does. A newer load cancels
/// an older one, so the last answer shown is the last one asked for.
/// </summary>
public abstract partial class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _load;
    private IDisposable? _subscription;
    private ITimer? _timer;

    /// <summary>The workspace's slug in the address; what counts is <see cref="Workspace"/>.</summary>
    [Parameter] public string? Slug { get; set; }

    [CascadingParameter] public WorkspaceScope Workspace { get; set; } = default!;

    [Inject] private ChangeFeed Feed { get; set; } = default!;

    [Inject] private TimeProvider Time { get; set; } = default!;

    [Inject] private ILoggerFactory Loggers { get; set; } = default!;

    /// <summary>True once data, however little, has arrived.</summary>
    protected bool IsLoaded { get; private set; }

    /// <summary>Why the last load failed, for people; null when it did not.</summary>
    protected string? Fault { get; private set; }

    /// <summary>Cancelled when the component leaves the page.</summary>
    protected CancellationToken Gone => _gone.Token;

    /// <summary>For what changes by the mere passing of time, such as a device that fell silent; null when nothing does.</summary>
    protected virtual TimeSpan? RefreshEvery => null;

    private protected abstract bool Concerns(Change change);

    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <summary>What a change leads to; loads again unless overridden.</summary>
    protected virtual Task OnChangedAsync() => ReloadAsync();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _subscription?.Dispose();
        _timer?.Dispose();
        _gone.Cancel();
    }

    protected override void OnInitialized()
    {
        _subscription = Feed.Subscribe(c => c.WorkspaceId == Workspace.Id && Concerns(c), ChangedAsync);
        if (RefreshEvery is { } period)
        {
            _timer = Time.CreateTimer(_ => _ = ChangedAsync(), null, period, period);
        }
    }

    protected override Task OnParametersSetAsync() => ReloadAsync();

    protected async Task ReloadAsync()
    {
        // Without the disposal every load of a page that stays open for days would hang on to its lifetime.
        _load?.Cancel();
        _load?.Dispose();
        var load = _load = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        await GuardAsync(() => LoadAsync(load.Token));
    }

    /// <summary>Runs work on the database: a cancelled one is no fault, one that the database refuses is shown and logged.</summary>
    protected async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work();
            IsLoaded = true;
            Fault = null;
        }
        catch (OperationCanceledException)
        {
            // Left the page, or asked anew.
        }
        catch (Exception fault) when (fault is DbException or DbUpdateException or TimeoutException or InvalidOperationException { InnerException: DbException })
        {
            Fault = "The data could not be read: the database does not answer.";
            Log.LoadFailed(Loggers.CreateLogger<LivePage>(), GetType().Name, fault);
        }
    }

    private async Task ChangedAsync()
    {
        if (!_gone.IsCancellationRequested)
        {
            await InvokeAsync(async () =>
            {
                await OnChangedAsync();
                StateHasChanged();
            });
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Error, "{Page} could not load")]
        public static partial void LoadFailed(ILogger logger, string page, Exception fault);
    }
}
