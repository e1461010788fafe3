using FleetManager.Server.Components.Widgets;

namespace FleetManager.Server.Features.Keys.Pages;

/// <summary>What people read of a key.</summary>
internal static class KeyWords
{
    public static (string Text, Tone Tone) Of(ApiKeyStatus status) => status switch
    {
        ApiKeyStatus.Active => ("active", Tone.Good),
        ApiKeyStatus.Disabled => ("disabled", Tone.Neutral),
        _ => ("expired", Tone.Warning),
    };

    /// <summary>What a scope lets a program do.</summary>
    public static string Meaning(string scope) => scope switch
    {
        Scopes.VisionEventsRead => "read events, images and use cases",
        Scopes.VisionEventsWrite => "send events and images, change use cases",
        Scopes.DeviceRead => "read devices and their settings, and events",
        Scopes.DeviceUpdate => "change devices and their settings, and send events",
        Scopes.MqttRead => "hear the feed of this workspace over MQTT",
        Scopes.ApiKeysManage => "make and change API keys that may do no more than itself",
        Scopes.WorkspaceUpdate => "change the settings of this workspace",
        _ => scope,
    };
}
