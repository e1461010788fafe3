using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components;

namespace FleetManager.Server.Features.Accounts.Pages;

public sealed partial class SignIn
{
    private string? _fault;

    [Inject] private AccountService Accounts { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [CascadingParameter] private HttpContext Http { get; set; } = default!;

    [SupplyParameterFromForm(Name = "Email")] private string? Email { get; set; }

    [SupplyParameterFromForm(Name = "Password")] private string? Password { get; set; }

    [SupplyParameterFromQuery(Name = "returnUrl")] private string? Return { get; set; }

    private async Task SubmitAsync()
    {
        var address = Http.Connection.RemoteIpAddress?.ToString() ?? "";
        var result = await Accounts.SignInAsync(Email, Password, address, Http.RequestAborted);
        _fault = result.Fault;
        if (result.User is { } user)
        {
            await Http.SignInAsync(AccountsSetup.Console, ConsoleUser.ToPrincipal(user));
            Navigation.NavigateTo(ReturnUrl.Safe(Return), forceLoad: true);
        }
    }
}
