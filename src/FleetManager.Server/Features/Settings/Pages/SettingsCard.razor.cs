using System.Text.Json;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Components;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;

namespace FleetManager.Server.Features.Settings.Pages;

/// <summary>
/// The form over a device's settings. What is typed lives in a draft on top of the revision that was shown when typing began: live
/// refreshes move the states around it and never the draft, and a save on top of an outdated revision ends in a comparison.
/// </summary>
public sealed partial class SettingsCard
{
    private readonly Dictionary<FieldPath, string> _faults = [];
    private IReadOnlyList<(string Id, string Name)> _useCases = [];
    private string? _shown;
    private SettingsView? _view;
    private SettingsView? _base;
    private SettingsView? _conflict;
    private SettingsDraft? _draft;
    private string? _notice;
    private bool _saving;

    [Inject] private SettingsService Service { get; set; } = default!;

    [Inject] private UseCaseService UseCases { get; set; } = default!;

    [Inject] private Browser Browser { get; set; } = default!;

    [Parameter, EditorRequired] public required string DeviceId { get; set; }

    private string KeepKey => $"fleet-draft-{Workspace.Slug}-{DeviceId}";

    private protected override bool Concerns(Change change) =>
        (change.Kind == ChangeKind.Device && change.Id == DeviceId) || change.Kind == ChangeKind.UseCase;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var view = await Service.GetAsync(Workspace.Id, DeviceId, cancellationToken);
        var useCases = await UseCases.ListAsync(Workspace.Id, archived: false, cancellationToken);
        _useCases = [.. useCases.Select(u => (u.Id, u.Name))];
        _view = view;
        var isFirst = _shown != DeviceId;
        if (view is not null && (isFirst || _draft is not { IsChanged: true }))
        {
            _shown = DeviceId;
            Begin(view, new SettingsDraft(view.Sections));
            if (isFirst)
            {
                await RestoreAsync();
            }
        }
    }

    // The server may have been started anew, or the session ended, in the middle of an edit.
    private async Task RestoreAsync()
    {
        if (await Browser.KeptAsync(KeepKey) is { } kept)
        {
            _draft!.Restore(kept);
            _notice = _draft.IsChanged ? "What you had typed before the page was reloaded is back: look, then save." : null;
        }
    }

    private void Begin(SettingsView view, SettingsDraft draft)
    {
        (_base, _draft, _conflict) = (view, draft, null);
        _faults.Clear();
    }

    private async Task ChangeAsync(FieldPath path, SettingField field, JsonElement value)
    {
        _draft!.Set(path, value);
        _notice = null;
        _faults.Remove(path);
        if (field.Check(value) is not null)
        {
            _faults[path] = Words(field);
        }

        await Browser.KeepAsync(KeepKey, _draft.ToText());
    }

    private Task DiscardAsync() => BeginAnewAsync(_view!);

    private Task TakeTheirsAsync() => BeginAnewAsync(_conflict!);

    private async Task BeginAnewAsync(SettingsView view)
    {
        _notice = null;
        Begin(view, new SettingsDraft(view.Sections));
        await Browser.KeepAsync(KeepKey, null);
    }

    private void KeepMine()
    {
        _notice = $"Your changes stand on revision {_conflict!.Revision} now: look, then save.";
        Begin(_conflict, _draft!.On(_conflict.Sections));
    }

    private async Task SaveAsync()
    {
        if (_saving || _draft is not { } draft || _base is not { } from)
        {
            return;
        }

        if (!draft.IsChanged)
        {
            _notice = "Nothing to save.";
            return;
        }

        var sections = draft.ToSections();
        if (!Check(sections))
        {
            await Browser.FocusAsync(".f-settings [aria-invalid=true]");
            return;
        }

        _saving = true;
        await GuardAsync(async () => Conclude(await Service.SaveAsync(Workspace.Id, DeviceId, from.Revision, sections, Workspace.Actor, Gone)));
        _saving = false;
        if (!_draft!.IsChanged)
        {
            await Browser.KeepAsync(KeepKey, null);
            await ReloadAsync();
        }
    }

    private void Conclude(SaveResult result)
    {
        switch (result)
        {
            case SaveResult.Saved saved:
                _notice = $"Saved as revision {saved.Revision}.";
                _draft = new SettingsDraft(_draft!.ToSections());
                break;
            case SaveResult.Conflict conflict:
                _conflict = conflict.Current;
                _notice = "Not saved.";
                break;
            case SaveResult.Invalid invalid:
                invalid.Faults.ToList().ForEach(f => Refuse(f.Section, f.Fault));
                break;
            default:
                _notice = "Not saved: this device is not there any more.";
                break;
        }
    }

    /// <summary>The same table that the server and the agent check with.</summary>
    private bool Check(JsonElement sections)
    {
        _faults.Clear();
        foreach (var section in SettingsCatalog.Sections)
        {
            if (sections.TryGetProperty(section.Name, out var value))
            {
                section.Check(value, out _).ToList().ForEach(f => Refuse(section.Name, f));
            }
        }

        return _faults.Count == 0;
    }

    private void Refuse(string section, SettingFault fault)
    {
        var field = SettingsCatalog.Sections.FirstOrDefault(s => s.Name == section)?.Fields.FirstOrDefault(f => f.Key == fault.Path);
        _faults[new FieldPath(section, fault.Path)] = field is null || field.Check(_draft![new FieldPath(section, fault.Path)]) is null ? fault.Message : Words(field);
        _notice = field is null ? $"Not saved: {fault.Message}" : "Not saved: see the marked settings.";
    }

    private static string Words(SettingField field) => $"{field.Label} must be {FieldText.Range(field)}.";
}
