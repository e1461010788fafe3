using System.Reflection;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>Where the programs under test were built, in the configuration of this assembly.</summary>
internal static class Repository
{
    private static readonly Assembly s_tests = typeof(Repository).Assembly;

    public static string Root { get; } =
        s_tests.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public static string Samples { get; } = Path.Combine(Root, "samples");

    public static string ServerDll { get; } = Built("src/FleetManager.Server", "FleetManager.Server.dll");

    public static string AgentDll { get; } = Built("agent/FleetManager.Agent", "fleet-agent.dll");

    public static string SimulatorDll { get; } = Built("tests/FleetManager.Simulator", "fleet-sim.dll");

    private static string Built(string project, string dll)
    {
        var configuration = s_tests.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        return Path.Combine(Root, project, "bin", configuration, "net10.0", dll);
    }
}
