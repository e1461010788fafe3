using FleetManager.Server.Components.Widgets;
using FleetManager.Server.Features.Keys.Dialogs;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace FleetManager.Server.Features.Keys.Pages;

/// <summary>The keys of programs. A secret is on the screen once, in the dialog that made it.</summary>
public sealed partial class ApiKeys
{
    private IReadOnlyList<ApiKeyView> _keys = [];

    [Inject] private ApiKeyService Keys { get; set; } = default!;

    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [Inject] private ISnackbar Snackbar { get; set; } = default!;

    // A key expires by the mere passing of time, and its use is no change that is announced.
    protected override TimeSpan? RefreshEvery => TimeSpan.FromSeconds(30);

    private Grantor Me => new(Workspace.Actor);

    private protected override bool Concerns(Change change) => change.Kind == ChangeKind.ApiKey;

    protected override async Task LoadAsync(CancellationToken cancellationToken) => _keys = await Keys.ListAsync(Workspace.Id, cancellationToken);

    private Task<IDialogReference> CreateAsync() => Dialogs.ShowAsync<CreateKeyDialog>(null, new DialogParameters<CreateKeyDialog> { { d => d.Workspace, Workspace } });

    private Task<IDialogReference> RollAsync(ApiKeyView key) =>
        Dialogs.ShowAsync<RollKeyDialog>(null, new DialogParameters<RollKeyDialog> { { d => d.Workspace, Workspace }, { d => d.KeyId, key.Id }, { d => d.Name, key.Name } });

    private Task SwitchAsync(ApiKeyView key, bool disabled) =>
        TellAsync(Keys.ChangeAsync(Workspace.Id, key.Id, new ApiKeyChange { Disabled = disabled }, Me, Gone));

    private async Task DeleteAsync(ApiKeyView key)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, "Delete API key" },
            { d => d.Text, $"Programs that use “{key.Name}” are refused from now on, for good. To end a key for a while, disable it." },
            { d => d.Action, "Delete" },
        };
        var dialog = await Dialogs.ShowAsync<ConfirmDialog>(null, parameters);
        if (await dialog.Result is { Canceled: false })
        {
            await TellAsync(Keys.DeleteAsync(Workspace.Id, key.Id, Me, Gone));
        }
    }

    private async Task TellAsync(Task<ApiKeyResult> change)
    {
        if ((await change).Message is { } message)
        {
            Snackbar.Add(message, Severity.Error);
        }

        await ReloadAsync();
    }
}
