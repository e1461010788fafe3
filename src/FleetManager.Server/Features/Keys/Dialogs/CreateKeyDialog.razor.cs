using FleetManager.Server.Features.Accounts;
using Microsoft.AspNetCore.Components;

namespace FleetManager.Server.Features.Keys.Dialogs;

/// <summary>Makes a key and shows its secret once.</summary>
public sealed partial class CreateKeyDialog
{
    private readonly HashSet<string> _scopes = [Scopes.VisionEventsRead, Scopes.VisionEventsWrite];
    private bool _everything;
    private int _days = 90;
    private string _name = "";
    private string? _fault;
    private string? _secret;

    [Inject] private ApiKeyService Keys { get; set; } = default!;

    [Inject] private TimeProvider Time { get; set; } = default!;

    [Parameter, EditorRequired] public required WorkspaceScope Workspace { get; set; }

    private void Choose(string scope, bool chosen) => _ = chosen ? _scopes.Add(scope) : _scopes.Remove(scope);

    private async Task CreateAsync()
    {
        var wanted = new NewApiKey(_name, _everything ? null : [.. _scopes], _days == 0 ? null : Time.GetUtcNow().AddDays(_days));
        var result = await Keys.CreateAsync(Workspace.Id, wanted, new Grantor(Workspace.Actor), CancellationToken.None);
        (_fault, _secret) = (result.Message, result.Secret);
    }
}
