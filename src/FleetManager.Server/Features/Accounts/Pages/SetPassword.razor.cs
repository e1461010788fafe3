using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace FleetManager.Server.Features.Accounts.Pages;

public sealed partial class SetPassword
{
    private bool _gone;
    private string? _fault;

    [Inject] private AccountService Accounts { get; set; } = default!;

    [Inject] private LinkService Links { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [CascadingParameter] private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "token")] private string? Token { get; set; }

    [SupplyParameterFromForm(Name = "Password")] private string? Password { get; set; }

    [SupplyParameterFromForm(Name = "Repeated")] private string? Repeated { get; set; }

    protected override async Task OnInitializedAsync() =>
        _gone = await Links.FindAsync(Token, Http.RequestAborted) is not { UserKey: not null };

    private async Task SubmitAsync()
    {
        if (_gone)
        {
            return;
        }

        var result = await Accounts.SetPasswordAsync(Token, Password, Repeated, Http.RequestAborted);
        _fault = result.Fault;
        if (result.User is { } user)
        {
            await Http.SignInAsync(AccountsSetup.Console, ConsoleUser.ToPrincipal(user));
            Navigation.NavigateTo("/", forceLoad: true);
        }
    }
}
