using Microsoft.JSInterop;

namespace FleetManager.Server.Components;

/// <summary>What one circuit knows of its browser: asked once, before anything is drawn, so that nothing flashes or jumps.</summary>
public sealed class Browser(IJSRuntime js, TimeProvider time) : IDisposable
{
    private DotNetObjectReference<Browser>? _self;

    /// <summary>Zone of the viewer; UTC until it is known.</summary>
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>Whether the dark scheme is shown now.</summary>
    public bool IsDark { get; private set; }

    /// <summary>Raised when the scheme changed.</summary>
    public event Action? SchemeChanged;

    public async Task ConnectAsync()
    {
        _self ??= DotNetObjectReference.Create(this);
        var facts = await js.InvokeAsync<Facts>("fleet.connect", time.GetUtcNow().ToUnixTimeMilliseconds(), _self);
        IsDark = facts.Dark;
        Zone = TimeZoneInfo.TryFindSystemTimeZoneById(facts.Zone ?? "", out var zone) ? zone : TimeZoneInfo.Utc;
    }

    /// <summary>Flips the scheme; the browser remembers it.</summary>
    public async Task ToggleSchemeAsync() => SetScheme(await js.InvokeAsync<bool>("fleet.toggleScheme"));

    /// <summary>Called by the browser's script when the system's scheme changed.</summary>
    [JSInvokable]
    public void SetScheme(bool dark)
    {
        if (dark != IsDark)
        {
            IsDark = dark;
            SchemeChanged?.Invoke();
        }
    }

    /// <summary>Puts text on the clipboard; false when the browser refuses, as it does on plain HTTP away from localhost.</summary>
    public ValueTask<bool> CopyAsync(string text) => js.InvokeAsync<bool>("fleet.copy", text);

    /// <summary>Keeps text for this tab through a reload; null forgets it.</summary>
    public ValueTask KeepAsync(string key, string? text) => js.InvokeVoidAsync("fleet.keep", key, text);

    /// <summary>What was kept; null when nothing was.</summary>
    public ValueTask<string?> KeptAsync(string key) => js.InvokeAsync<string?>("fleet.kept", key);

    /// <summary>Moves the focus, and so the view, to the first element that matches.</summary>
    public ValueTask FocusAsync(string selector) => js.InvokeVoidAsync("fleet.focus", selector);

    public void Dispose() => _self?.Dispose();

    internal sealed record Facts(bool Dark, string? Zone);
}
