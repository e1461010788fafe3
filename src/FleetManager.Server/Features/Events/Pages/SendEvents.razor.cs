using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>Commands that send events to this use case, with this server's address and a key of their own, to be run as they stand.</summary>
public sealed partial class SendEvents
{
    private UseCaseSummary? _useCase;
    private string _way = SendSnippets.Ways[0];
    private string? _keyName;
    private string? _keyFault;
    private string? _secret;
    private bool _busy;

    [Inject] private UseCaseService UseCases { get; set; } = default!;

    [Inject] private ApiKeyService Keys { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Parameter, EditorRequired] public required string UseCaseId { get; set; }

    // The address by which this browser reached the server is one that works.
    private string Server => Navigation.BaseUri.TrimEnd('/');

    private protected override bool Concerns(Change change) => change.Kind == ChangeKind.UseCase && change.Id == UseCaseId;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _useCase = await UseCases.FindAsync(Workspace.Id, UseCaseId, cancellationToken);
        _keyName ??= _useCase is null ? null : Shorten($"Send events to {_useCase.Name}");
    }

    private async Task CreateKeyAsync()
    {
        _busy = true;
        var wanted = new NewApiKey(_keyName, [Scopes.VisionEventsWrite]);
        var result = await Keys.CreateAsync(Workspace.Id, wanted, new Grantor(Workspace.Actor), Gone);
        (_keyFault, _secret, _busy) = (result.Message, result.Secret, false);
    }

    private static string Shorten(string name) => name.Length <= ApiKeyService.NameLength ? name : name[..(ApiKeyService.NameLength - 1)] + "…";
}
