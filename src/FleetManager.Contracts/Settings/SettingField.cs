using System.Globalization;
using System.Text.Json;

namespace FleetManager.Contracts.Settings;

/// <summary>
/// One setting: its key, how people see it, and what values it takes. The console draws its form, the server checks what is saved and
/// the agent checks what arrives from the same table (<see cref="SettingsCatalog"/>), so the three can not disagree.
/// </summary>
/// <param name="Key">Key within its section.</param>
/// <param name="Label">Label in the console.</param>
/// <param name="Help">One sentence under it.</param>
public abstract record SettingField(string Key, string Label, string Help)
{
    /// <summary>The allowed values, in words.</summary>
    public abstract string Range { get; }

    /// <summary>What is wrong with a value; null when nothing is.</summary>
    public SettingFault? Check(JsonElement value) => Fault(value) is { } code ? new SettingFault(code, Key, $"{Key} must be {Range}") : null;

    /// <summary>The code of the fault, or null.</summary>
    protected abstract string? Fault(JsonElement value);
}

/// <summary>On or off.</summary>
public sealed record SwitchField(string Key, string Label, string Help) : SettingField(Key, Label, Help)
{
    /// <inheritdoc/>
    public override string Range => "true or false";

    /// <inheritdoc/>
    protected override string? Fault(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "type";
}

/// <summary>A whole number.</summary>
/// <param name="Key">Key within its section.</param>
/// <param name="Label">Label in the console.</param>
/// <param name="Help">One sentence under it.</param>
/// <param name="Min">Lowest allowed.</param>
/// <param name="Max">Highest allowed.</param>
/// <param name="Unit">Unit shown beside the value: <c>days</c>, <c>bytes</c>, …</param>
public sealed record NumberField(string Key, string Label, string Help, long Min, long Max, string? Unit = null) : SettingField(Key, Label, Help)
{
    /// <inheritdoc/>
    public override string Range => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Min} to {Max}");

    /// <inheritdoc/>
    protected override string? Fault(JsonElement value) =>
        value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) ? "type"
        : number < Min || number > Max ? "range"
        : null;
}

/// <summary>One of a few words.</summary>
/// <param name="Key">Key within its section.</param>
/// <param name="Label">Label in the console.</param>
/// <param name="Help">One sentence under it.</param>
/// <param name="Choices">The words, as they stand in the document, each with its label.</param>
public sealed record ChoiceField(string Key, string Label, string Help, IReadOnlyList<(string Value, string Label)> Choices)
    : SettingField(Key, Label, Help)
{
    /// <inheritdoc/>
    public override string Range => "one of " + string.Join(", ", Choices.Select(c => c.Value));

    /// <inheritdoc/>
    protected override string? Fault(JsonElement value) =>
        value.ValueKind != JsonValueKind.String ? "type"
        : Choices.Any(c => c.Value == value.GetString()) ? null
        : "choice";
}

/// <summary>A text that may be absent.</summary>
/// <param name="Key">Key within its section.</param>
/// <param name="Label">Label in the console.</param>
/// <param name="Help">One sentence under it.</param>
/// <param name="MaxLength">Most characters.</param>
/// <param name="Kind">What the text is.</param>
/// <param name="Required">Whether null and the empty text are refused.</param>
public sealed record TextField(string Key, string Label, string Help, int MaxLength, TextKind Kind = TextKind.Plain, bool Required = false)
    : SettingField(Key, Label, Help)
{
    /// <inheritdoc/>
    public override string Range => Kind switch
    {
        TextKind.Address => "an IP address of the device, such as 127.0.0.1 or 0.0.0.0",
        _ => string.Create(CultureInfo.InvariantCulture, $"text of 1 to {MaxLength} characters") + (Required ? "" : ", or null"),
    };

    /// <inheritdoc/>
    protected override string? Fault(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return Required ? "required" : null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return "type";
        }

        var text = value.GetString()!;
        return text.Length == 0 || text.Length > MaxLength ? "range"
            : Kind == TextKind.Address && !System.Net.IPAddress.TryParse(text, out _) ? "range"
            : null;
    }
}

/// <summary>What a text setting holds, which decides how the console shows it.</summary>
public enum TextKind
{
    /// <summary>Any text.</summary>
    Plain,

    /// <summary>A secret: shown as dots, never logged.</summary>
    Secret,

    /// <summary>An IP address.</summary>
    Address,

    /// <summary>Id of a use case of the workspace.</summary>
    UseCase,
}

/// <summary>A list of <see cref="BackupWindow"/>.</summary>
public sealed record WindowsField(string Key, string Label, string Help) : SettingField(Key, Label, Help)
{
    /// <summary>The days of a week, as they stand in the document.</summary>
    public static IReadOnlyList<string> Days { get; } = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private const int MaxWindows = 50;

    /// <inheritdoc/>
    public override string Range => "a list of at most 50 windows {days of mon…sun, from HH:mm, to HH:mm}";

    /// <inheritdoc/>
    protected override string? Fault(JsonElement value) =>
        value.ValueKind != JsonValueKind.Array ? "type"
        : value.GetArrayLength() > MaxWindows || !value.EnumerateArray().All(IsWindow) ? "range"
        : null;

    private static bool IsWindow(JsonElement window) =>
        window.ValueKind == JsonValueKind.Object
        && IsTime(window, "from")
        && IsTime(window, "to")
        && window.TryGetProperty("days", out var days)
        && days.ValueKind == JsonValueKind.Array
        && days.EnumerateArray().All(d => d.ValueKind == JsonValueKind.String && Days.Contains(d.GetString()));

    private static bool IsTime(JsonElement window, string key) =>
        window.TryGetProperty(key, out var time)
        && time.ValueKind == JsonValueKind.String
        && TimeOnly.TryParseExact(time.GetString(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
