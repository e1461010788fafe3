using System.CommandLine;

namespace FleetManager.Agent.Commands;

/// <summary>Options that several commands share; each also comes from the environment, which a service file can set.</summary>
internal static class CommandOptions
{
    public static Option<string> DataDirectory() => FromEnvironment(
        "--data-dir", "FLEET_AGENT_DATA_DIR", "Directory of identity, settings and event store (FLEET_AGENT_DATA_DIR)", DefaultDataDirectory());

    /// <summary>An option whose value is that of a variable, or a default, when it is not given.</summary>
    public static Option<string> FromEnvironment(string name, string variable, string help, string? fallback = null)
    {
        var option = new Option<string>(name) { Description = help };
        if ((Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : fallback) is { } chosen)
        {
            option.DefaultValueFactory = _ => chosen;
        }

        return option;
    }

    private static string DefaultDataDirectory() =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            ? "/var/lib/fleet-agent"
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".fleet-agent");
}
