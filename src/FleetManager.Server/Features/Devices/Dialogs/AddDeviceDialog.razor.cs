using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.Enrollment;
using Microsoft.AspNetCore.Components;

namespace FleetManager.Server.Features.Devices.Dialogs;

/// <summary>Makes an enrollment token and shows it once, as a command that can be pasted into the device's shell.</summary>
public sealed partial class AddDeviceDialog
{
    private int _uses = 1;
    private int _hours = 1;
    private string? _command;
    private string? _fault;
    private DateTimeOffset _expiresAt;

    [Inject] private EnrollmentService Enrollment { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Inject] private TimeProvider Time { get; set; } = default!;

    [Parameter, EditorRequired] public required WorkspaceScope Workspace { get; set; }

    private async Task CreateAsync()
    {
        if (_uses is < 1 or > EnrollmentService.MaxUses)
        {
            _fault = $"Devices must be a whole number from 1 to {EnrollmentService.MaxUses}.";
            return;
        }

        var lifetime = TimeSpan.FromHours(_hours);
        var token = await Enrollment.CreateTokenAsync(Workspace.Id, _uses, lifetime, Workspace.Actor, CancellationToken.None);
        _expiresAt = Time.GetUtcNow() + lifetime;
        _command = $"fleet-agent enroll --server {Navigation.BaseUri.TrimEnd('/')} --token {token}";
        _fault = null;
    }
}
