using System.Text.Json;
using System.Text.Json.Nodes;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>JSON Merge Patch (RFC 7396) on sections of settings: null takes a setting, or a section, back to the product's default.</summary>
internal static class MergePatch
{
    /// <summary>The patch, or what is wrong with it. Only sections may stand in it.</summary>
    public static (JsonObject? Patch, string? Fault) Read(byte[] body)
    {
        // Text that could not be kept is refused before anything is made of it.
        if (JsonTypeFault.Unkeepable(body) is { } fault)
        {
            return (null, fault.ToString());
        }

        JsonNode? node;
        try
        {
            node = JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException twice)
        {
            return (null, $"The patch has a member twice, and only one can be meant: {twice.Message}");
        }

        var known = SettingsCatalog.Sections.Select(s => s.Name).ToList();
        return node is not JsonObject patch ? (null, "The body must be a JSON object of sections.")
            : patch.Select(m => m.Key).Except(known).ToList() is { Count: > 0 } unknown
                ? (null, $"This server keeps no {string.Join(", ", unknown.Select(n => $"'{n}'"))}; the sections are {string.Join(", ", known)}.")
                : (patch, null);
    }

    /// <summary>A new document; neither argument is changed.</summary>
    public static JsonElement Apply(JsonElement document, JsonObject patch)
    {
        var target = JsonObject.Create(document)!;
        Merge(target, patch);
        return JsonElement.Parse(target.ToJsonString());
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject existing)
                {
                    target[name] = existing = [];
                }

                Merge(existing, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }
}
