using System.Text.Json.Serialization;

namespace FleetManager.Contracts.Settings;

/// <summary>Section <c>logging</c>.</summary>
public sealed record LoggingSettings
{
    /// <summary>The least severe lines that the agent writes.</summary>
    public AgentLogLevel Level { get; set; } = AgentLogLevel.Information;
}

/// <summary>How much the agent writes to its log.</summary>
public enum AgentLogLevel
{
    /// <summary>Every step.</summary>
    [JsonStringEnumMemberName("debug")] Debug,

    /// <summary>What an operator wants to know.</summary>
    [JsonStringEnumMemberName("information")] Information,

    /// <summary>What may need a person.</summary>
    [JsonStringEnumMemberName("warning")] Warning,

    /// <summary>What failed.</summary>
    [JsonStringEnumMemberName("error")] Error,
}
