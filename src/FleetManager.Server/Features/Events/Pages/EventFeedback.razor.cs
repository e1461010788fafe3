using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>Verdicts on one event: everybody's to read, one's own to give and to change.</summary>
public sealed partial class EventFeedback
{
    private IReadOnlyList<Feedback> _given = [];
    private string? _event;
    private string? _comment;
    private string? _refused;
    private bool _busy;

    [Inject] private FeedbackService Service { get; set; } = default!;

    [Parameter, EditorRequired] public required string UseCaseId { get; set; }

    [Parameter, EditorRequired] public required string EventId { get; set; }

    private Feedback? Mine => _given.FirstOrDefault(f => string.Equals(f.Reviewer, Workspace.Email, StringComparison.OrdinalIgnoreCase));

    private protected override bool Concerns(Change change) => change.Kind == ChangeKind.Events && change.Id == UseCaseId;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var given = await Service.ListAsync(Workspace.Id, EventId, cancellationToken);
        _given = given;
        if (_event != EventId)
        {
            // What somebody is typing must outlive what others send meanwhile.
            (_event, _comment, _refused) = (EventId, Mine?.Comment, null);
        }
    }

    private async Task GiveAsync(string verdict)
    {
        _busy = true;
        await GuardAsync(async () => _refused = await Service.GiveAsync(Workspace, UseCaseId, EventId, verdict, _comment, Gone));
        _busy = false;
        if (Fault is null)
        {
            await ReloadAsync();
        }
    }

    private static string NameOf(string verdict) => verdict switch
    {
        Verdicts.Correct => "Correct",
        Verdicts.Incorrect => "Incorrect",
        Verdicts.Inconclusive => "Inconclusive",
        _ => verdict,
    };

    private static string IconOf(string verdict) => verdict switch
    {
        Verdicts.Correct => Icons.Material.Outlined.ThumbUp,
        Verdicts.Incorrect => Icons.Material.Outlined.ThumbDown,
        _ => Icons.Material.Outlined.HelpOutline,
    };
}
