using System.Globalization;
using System.Text.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Components;

namespace FleetManager.Server.Features.Settings.Pages;

/// <summary>Between the value of a setting and what stands in its input: sizes in bytes are shown and typed as people write them.</summary>
internal static class FieldText
{
    // Ports and days read better in one piece, a million in groups.
    private const long LongestUngrouped = 1_000_000;

    public static bool IsBytes(NumberField field) => field.Unit is "bytes" or "bytes/s";

    /// <summary>What to put into the input.</summary>
    public static string Of(SettingField field, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.Number when field is NumberField number && IsBytes(number) && value.TryGetInt64(out var bytes) && bytes >= 0 => ByteSize.Exact(bytes),
        JsonValueKind.Number when field is NumberField { Max: > LongestUngrouped } && value.TryGetInt64(out var whole) => Format.Count(whole),
        JsonValueKind.String => value.GetString() ?? "",
        _ => value.GetRawText(),
    };

    /// <summary>The value that an input stands for; text that is no number stays text, and <see cref="SettingField.Check"/> refuses it.</summary>
    public static JsonElement Parse(SettingField field, string text) => field switch
    {
        NumberField number when IsBytes(number) => ByteSize.TryParse(text, out var bytes) ? Number(bytes) : Text(text),
        NumberField => long.TryParse(string.Concat(text.Where(c => !char.IsWhiteSpace(c))), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? Number(whole) : Text(text),
        TextField { Required: false } when string.IsNullOrWhiteSpace(text) => JsonElement.Parse("null"),
        TextField { Kind: TextKind.Secret } => Text(text),
        _ => Text(text.Trim()),
    };

    /// <summary>The value in words, for a comparison; secrets are never shown.</summary>
    public static string Show(SettingField field, JsonElement value) => (field, value.ValueKind) switch
    {
        (_, JsonValueKind.Undefined) => "not set",
        (TextField, JsonValueKind.Null) => "none",
        (TextField { Kind: TextKind.Secret }, _) => "••••••",
        (_, JsonValueKind.True) => "on",
        (_, JsonValueKind.False) => "off",
        (ChoiceField choice, JsonValueKind.String) => choice.Choices.FirstOrDefault(c => c.Value == value.GetString()).Label ?? value.GetString()!,
        (NumberField { Unit: { } unit } number, JsonValueKind.Number) when !IsBytes(number) => $"{value.GetRawText()} {unit}",
        (WindowsField, JsonValueKind.Array) => ShowWindows(value),
        _ => Of(field, value),
    };

    /// <summary>The allowed values, sizes in readable units.</summary>
    public static string Range(SettingField field) => field switch
    {
        NumberField number when IsBytes(number) => $"a size from {ByteSize.Exact(number.Min)} to {ByteSize.Exact(number.Max)}, such as “512 MiB”",
        ChoiceField => "one of the choices",
        _ => field.Range,
    };

    private static string ShowWindows(JsonElement value)
    {
        var windows = value.Deserialize(ContractsJson.Default.IReadOnlyListBackupWindow) ?? [];
        return windows.Count == 0 ? "always" : string.Join("; ", windows.Select(w => $"{(w.Days.Count == 0 ? "every day" : string.Join(' ', w.Days))} {w.From}–{w.To}"));
    }

    private static JsonElement Number(long value) => JsonElement.Parse(value.ToString(CultureInfo.InvariantCulture));

    private static JsonElement Text(string value) => JsonSerializer.SerializeToElement(value, ContractsJson.Default.String);
}
