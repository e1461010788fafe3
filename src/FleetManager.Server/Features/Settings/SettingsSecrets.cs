using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Features.Keys;

namespace FleetManager.Server.Features.Settings;

/// <summary>
/// Secrets in settings, such as the key of a device's Event Store API, are shown to those who may change them and to nobody else: others see
/// a mask in their place. A mask that comes back is refused, so that it never becomes the secret.
/// </summary>
internal static class SettingsSecrets
{
    public const string Mask = "********";

    /// <summary>The sections as the caller may see them.</summary>
    public static JsonElement For(Caller caller, JsonElement sections)
    {
        if (caller.MayAny(Scopes.DeviceUpdate))
        {
            return sections;
        }

        var shown = JsonObject.Create(sections)!;
        foreach (var section in SettingsCatalog.Sections)
        {
            foreach (var key in Keys(section))
            {
                if (shown[section.Name]?[key] is not null)
                {
                    shown[section.Name]![key] = Mask;
                }
            }
        }

        return JsonElement.Parse(shown.ToJsonString());
    }

    public static IEnumerable<SettingFault> Faults(SettingsSection section, JsonElement given) => Keys(section)
        .Where(key => given.ValueKind == JsonValueKind.Object
            && given.TryGetProperty(key, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() == Mask)
        .Select(key => new SettingFault("mask", key, $"{key} is the mask of a secret that was not shown: send the secret itself, or leave it out"));

    private static IEnumerable<string> Keys(SettingsSection section) => section.Fields.OfType<TextField>().Where(f => f.Kind == TextKind.Secret).Select(f => f.Key);
}
