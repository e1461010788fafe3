using System.Collections.Frozen;

namespace FleetManager.Contracts.Events;

/// <summary>The five event types (vision-events.md 4): the value of <c>eventType</c>, and of <c>event_schema</c> on the device.</summary>
public static class EventTypes
{
    /// <summary>Pass or fail of an inspected thing.</summary>
    public const string QualityCheck = "quality_check";

    /// <summary>A count of things at a place.</summary>
    public const string InventoryCount = "inventory_count";

    /// <summary>Something dangerous was seen.</summary>
    public const string SafetyAlert = "safety_alert";

    /// <summary>Anything else.</summary>
    public const string Custom = "custom";

    /// <summary>A person's verdict on another event.</summary>
    public const string OperatorFeedback = "operator_feedback";

    /// <summary>All of them, in the order in which lists show them.</summary>
    public static IReadOnlyList<string> All { get; } = [QualityCheck, InventoryCount, SafetyAlert, Custom, OperatorFeedback];

    private static readonly FrozenSet<string> s_known = All.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>True for one of the five.</summary>
    public static bool IsKnown(string? type) => type is not null && s_known.Contains(type);
}
