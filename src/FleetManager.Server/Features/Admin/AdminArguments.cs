namespace FleetManager.Server.Features.Admin;

/// <summary>
/// Tells the server's configuration flags, which every command honours, from the command's own options, which must be spelled right.
/// </summary>
internal static class AdminArguments
{
    private static readonly string[] s_configuration = ["--Fleet:", "--ConnectionStrings:", "--Logging:", "--urls"];

    public static (string[] Command, string[] Configuration) Split(IReadOnlyList<string> arguments)
    {
        var command = new List<string>();
        var configuration = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!s_configuration.Any(prefix => argument.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                command.Add(argument);
                continue;
            }

            configuration.Add(argument);
            if (!argument.Contains('=', StringComparison.Ordinal) && i + 1 < arguments.Count)
            {
                configuration.Add(arguments[++i]);
            }
        }

        return ([.. command], [.. configuration]);
    }
}
