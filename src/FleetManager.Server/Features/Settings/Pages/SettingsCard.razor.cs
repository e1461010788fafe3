using System.Text.Json;
using FleetManager.Contracts.Settings;
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

    [Parameter, EditorRequired] public required string DeviceId { get; set; }

    private protected override bool Concerns(Change change) =>
        (change.Kind == ChangeKind.Device && change.Id == DeviceId) || change.Kind == ChangeKind.UseCase;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var view = await Service.GetAsync(Workspace.Id, DeviceId, cancellationToken);
        var useCases = await UseCases.ListAsync(Workspace.Id, archived: false, cancellationToken);
        _useCases = [.. useCases.Select(u => (u.Id, u.Name))];
        _view = view;
        if (view is not null && (_shown != DeviceId || _draft is not { IsChanged: true }))
        {
            _shown = DeviceId;
            Begin(view, new SettingsDraft(view.Sections));
        }
    }

    private void Begin(SettingsView view, SettingsDraft draft)
    {
        (_base, _draft, _conflict) = (view, draft, null);
        _faults.Clear();
    }

    private void Change(FieldPath path, SettingField field, JsonElement value)
    {
        _draft!.Set(path, value);
        _notice = null;
        _faults.Remove(path);
        if (field.Check(value) is not null)
        {
            _faults[path] = Words(field);
        }
    }

    private void Discard()
    {
        _notice = null;
        Begin(_view!, new SettingsDraft(_view!.Sections));
    }

    private void TakeTheirs()
    {
        _notice = null;
        Begin(_conflict!, new SettingsDraft(_conflict!.Sections));
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
            return;
        }

        _saving = true;
        await GuardAsync(async () => Conclude(await Service.SaveAsync(Workspace.Id, DeviceId, from.Revision, sections, Workspace.Actor, Gone)));
        _saving = false;
        if (!_draft!.IsChanged)
        {
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
