using FleetManager.Server.Components.Widgets;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace FleetManager.Server.Features.UseCases.Pages;

public sealed partial class UseCases
{
    private IReadOnlyList<UseCaseSummary> _useCases = [];

    [Inject] private UseCaseService Service { get; set; } = default!;

    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [Inject] private ISnackbar Snackbar { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "archived")] private bool Archived { get; set; }

    private protected override bool Concerns(Change change) => change.Kind is ChangeKind.UseCase or ChangeKind.Events;

    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _useCases = await Service.ListAsync(Workspace.Id, Archived, cancellationToken);

    private async Task CreateAsync()
    {
        var parameters = new DialogParameters<NameDialog>
        {
            { d => d.Title, "Create Use Case" },
            { d => d.SubmitText, "Create" },
            { d => d.Help, "The id is made from this name and never changes, so renaming later breaks no sender." },
            { d => d.Save, async name => (await Service.CreateAsync(Workspace.Id, name, Workspace.Actor, Gone)).Message },
        };
        await ShowAsync(parameters);
    }

    private async Task RenameAsync(UseCaseSummary useCase)
    {
        var parameters = new DialogParameters<NameDialog>
        {
            { d => d.Title, "Rename use case" },
            { d => d.SubmitText, "Rename" },
            { d => d.Name, useCase.Name },
            { d => d.Save, async name => (await Service.RenameAsync(Workspace.Id, useCase.Id, name, Workspace.Actor, Gone)).Message },
        };
        await ShowAsync(parameters);
    }

    private async Task ShowAsync(DialogParameters<NameDialog> parameters)
    {
        var dialog = await Dialogs.ShowAsync<NameDialog>(null, parameters);
        if (await dialog.Result is { Canceled: false })
        {
            await ReloadAsync();
        }
    }

    private async Task ArchiveAsync(UseCaseSummary useCase)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, "Archive use case" },
            { d => d.Text, $"“{useCase.Name}” will refuse new events: devices that still send to it park them. Its events stay readable, and it can be unarchived." },
            { d => d.Action, "Archive" },
        };
        var dialog = await Dialogs.ShowAsync<ConfirmDialog>(null, parameters);
        if (await dialog.Result is { Canceled: false })
        {
            await ChangeAsync(Service.ArchiveAsync(Workspace.Id, useCase.Id, Workspace.Actor, Gone));
        }
    }

    private Task UnarchiveAsync(UseCaseSummary useCase) =>
        ChangeAsync(Service.UnarchiveAsync(Workspace.Id, useCase.Id, Workspace.Actor, Gone));

    private async Task ChangeAsync(Task<UseCaseResult> change)
    {
        if ((await change).Message is { } message)
        {
            Snackbar.Add(message, Severity.Error);
        }

        await ReloadAsync();
    }
}
