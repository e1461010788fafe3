using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Contracts.Settings;

namespace FleetManager.Server.Features.Settings.Pages;

/// <summary>
/// What somebody is typing: a copy of a saved document with changes on top. Values are kept as JSON; what can not become a value of the
/// setting stays text, so that nothing typed is lost and the fault can be shown beside it.
/// </summary>
public sealed class SettingsDraft
{
    private readonly JsonElement _base;
    private readonly Dictionary<FieldPath, JsonElement> _changes = [];

    public SettingsDraft(JsonElement sections) => _base = sections;

    public bool IsChanged => _changes.Count > 0;

    public int ChangeCount => _changes.Count;

    public bool IsFieldChanged(FieldPath path) => _changes.ContainsKey(path);

    /// <summary>Undefined when the document does not have it.</summary>
    public JsonElement this[FieldPath path] => _changes.TryGetValue(path, out var change) ? change : Read(_base, path);

    /// <summary>Setting a value back to what is saved is no change.</summary>
    public void Set(FieldPath path, JsonElement value)
    {
        var saved = Read(_base, path);
        if (saved.ValueKind != JsonValueKind.Undefined && JsonElement.DeepEquals(saved, value))
        {
            _changes.Remove(path);
        }
        else
        {
            _changes[path] = value;
        }
    }

    /// <summary>The whole document with the changes in it; settings that this console does not know stay as they are.</summary>
    public JsonElement ToSections()
    {
        var sections = JsonObject.Create(_base) ?? [];
        foreach (var (path, value) in _changes)
        {
            if (sections[path.Section] is not JsonObject section)
            {
                sections[path.Section] = section = [];
            }

            section[path.Key] = JsonNode.Parse(value.GetRawText());
        }

        return JsonElement.Parse(sections.ToJsonString());
    }

    /// <summary>The changes as text, to be kept through a reload; secrets are left out.</summary>
    public string? ToText()
    {
        var changes = new JsonArray();
        foreach (var (path, value) in _changes.Where(c => FieldOf(c.Key) is not TextField { Kind: TextKind.Secret }))
        {
            changes.Add(new JsonObject { ["section"] = path.Section, ["key"] = path.Key, ["value"] = JsonNode.Parse(value.GetRawText()) });
        }

        return changes.Count == 0 ? null : changes.ToJsonString();
    }

    /// <summary>Takes kept changes in again; what names no setting is passed over.</summary>
    public void Restore(string text)
    {
        using var changes = JsonDocument.Parse(text);
        foreach (var change in changes.RootElement.EnumerateArray())
        {
            var path = new FieldPath(change.GetProperty("section").GetString()!, change.GetProperty("key").GetString()!);
            if (FieldOf(path) is not null)
            {
                Set(path, change.GetProperty("value").Clone());
            }
        }
    }

    private static SettingField? FieldOf(FieldPath path) =>
        SettingsCatalog.Sections.FirstOrDefault(s => s.Name == path.Section)?.Fields.FirstOrDefault(f => f.Key == path.Key);

    /// <summary>The same changes on top of another document, such as the one that somebody else saved meanwhile.</summary>
    public SettingsDraft On(JsonElement sections)
    {
        var draft = new SettingsDraft(sections);
        foreach (var (path, value) in _changes)
        {
            draft.Set(path, value);
        }

        return draft;
    }

    /// <summary>What differs between the document this began from and another one.</summary>
    public IReadOnlyList<SettingsDifference> Compare(JsonElement theirs)
    {
        var differences = new List<SettingsDifference>();
        foreach (var section in SettingsCatalog.Sections)
        {
            foreach (var field in section.Fields)
            {
                var path = new FieldPath(section.Name, field.Key);
                var (before, after) = (Read(_base, path), Read(theirs, path));
                if (before.ValueKind != after.ValueKind || (before.ValueKind != JsonValueKind.Undefined && !JsonElement.DeepEquals(before, after)))
                {
                    differences.Add(new SettingsDifference(section, field, before, after, _changes.TryGetValue(path, out var mine) ? mine : null));
                }
            }
        }

        return differences;
    }

    private static JsonElement Read(JsonElement sections, FieldPath path) =>
        sections.ValueKind == JsonValueKind.Object
        && sections.TryGetProperty(path.Section, out var section)
        && section.ValueKind == JsonValueKind.Object
        && section.TryGetProperty(path.Key, out var value)
            ? value
            : default;
}

/// <summary>A setting that somebody else changed.</summary>
/// <param name="Section">Its section.</param>
/// <param name="Field">The setting.</param>
/// <param name="Before">What it was when the draft began.</param>
/// <param name="Theirs">What it is now.</param>
/// <param name="Mine">What the draft wants; null when the draft does not touch it.</param>
public sealed record SettingsDifference(SettingsSection Section, SettingField Field, JsonElement Before, JsonElement Theirs, JsonElement? Mine);
