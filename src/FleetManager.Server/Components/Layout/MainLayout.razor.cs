using FleetManager.Server.Features.Accounts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace FleetManager.Server.Components.Layout;

/// <summary>Draws nothing until the browser's scheme and zone are known, then the frame, and the page inside the user's workspace.</summary>
public sealed partial class MainLayout
{
    private ErrorBoundary? _boundary;
    private bool _connected;
    private bool _drawerOpen = true;
    private WorkspaceScope? _scope;
    private ConsoleUser? _user;

    [Inject] private Browser Browser { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Inject] private MembershipService Memberships { get; set; } = default!;

    [CascadingParameter] private Task<AuthenticationState> Authentication { get; set; } = default!;

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        Browser.SchemeChanged -= OnSchemeChanged;
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        Browser.SchemeChanged += OnSchemeChanged;
        await Browser.ConnectAsync();
        await ResolveAsync();
        _connected = true;
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_connected)
        {
            await ResolveAsync();
        }
    }

    private async Task ResolveAsync()
    {
        var slug = WorkspaceGuard.SlugOf("/" + Navigation.ToBaseRelativePath(Navigation.Uri).Split('?', '#')[0]);
        _user = ConsoleUser.Of((await Authentication).User);

        // Asked anew with every navigation, so that a membership that was taken away ends here; an equal answer must not reload the page.
        var scope = slug is null || _user is null ? null : await Memberships.FindAsync(_user, slug, CancellationToken.None);
        if (scope != _scope)
        {
            _scope = scope;
        }
    }

    // A page that failed must not keep the next one from being shown.
    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _boundary?.Recover();

    private void OnSchemeChanged() => InvokeAsync(StateHasChanged);
}
