using System.CommandLine;

namespace FleetManager.Simulator.Fleet;

/// <summary>The command line <c>fleet-sim fleet</c>.</summary>
internal static class FleetCommand
{
    private const int MostDevices = 5000;

    public static Command Create()
    {
        var devices = new Option<int>("--devices") { Description = $"How many agents, up to {MostDevices}.", Required = true };
        var server = new Option<string>("--server") { Description = "Address of the server.", Required = true };
        var token = new Option<string>("--token") { Description = "Enrollment token with a use for each device: admin enrollment-token create --uses N.", Required = true };
        var profile = new Option<string>("--profile")
        {
            Description = "steady; bursty (50 at once); satellite (600 ± 50 ms, 2 % loss, 25 Mbit/s); 3g (100 ± 10 ms, 3 Mbit/s); off-on (no network and network in turn).",
            DefaultValueFactory = _ => "steady",
        };
        var period = new Option<double>("--period") { Description = "Seconds without and seconds with a network, of the profile off-on.", DefaultValueFactory = _ => 300 };
        var rate = new Option<double>("--rate") { Description = "Events a second of one device.", DefaultValueFactory = _ => 1 };
        var seconds = new Option<double?>("--seconds") { Description = "How long events are made; without it, until stopped." };
        var drain = new Option<double>("--drain") { Description = "Seconds that the backlog may take afterwards.", DefaultValueFactory = _ => 120 };
        var apiKey = new Option<string?>("--api-key") { Description = "Key that may change settings: switches the backup of each device on. Without it, do so in the console." };
        var useCase = new Option<string>("--use-case") { Description = "Use case of the events.", DefaultValueFactory = _ => "simulation" };

        devices.Validators.Add(r => Check(r, r.GetValueOrDefault<int>() is > 0 and <= MostDevices, $"--devices must be 1 to {MostDevices}"));
        server.Validators.Add(r => Check(r, Uri.TryCreate(r.GetValueOrDefault<string>(), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https", "--server must be an address such as http://127.0.0.1:5080"));
        profile.Validators.Add(r => Check(r, FleetProfile.All.Any(p => p.Name == r.GetValueOrDefault<string>()), $"--profile must be one of {string.Join(", ", FleetProfile.All.Select(p => p.Name))}"));
        rate.Validators.Add(r => Check(r, r.GetValueOrDefault<double>() is > 0 and <= 1000, "--rate must be above 0 and at most 1000 events a second"));
        period.Validators.Add(r => Check(r, r.GetValueOrDefault<double>() > 0, "--period must be above 0 seconds"));
        seconds.Validators.Add(r => Check(r, r.GetValueOrDefault<double?>() is null or > 0, "--seconds must be above 0"));
        drain.Validators.Add(r => Check(r, r.GetValueOrDefault<double>() >= 0, "--drain must be 0 or more seconds"));

        var command = new Command("fleet", "Runs many agents, the agent's own code, in this process.") { devices, server, token, profile, period, rate, seconds, drain, apiKey, useCase };
        command.SetAction((parsed, cancellation) => RunAsync(
            new FleetOptions(
                parsed.GetValue(devices),
                new Uri(parsed.GetRequiredValue(server).TrimEnd('/') + '/'),
                parsed.GetRequiredValue(token),
                Profile(parsed.GetRequiredValue(profile), TimeSpan.FromSeconds(parsed.GetValue(period))),
                parsed.GetValue(rate),
                parsed.GetValue(seconds) is { } limit ? TimeSpan.FromSeconds(limit) : null,
                TimeSpan.FromSeconds(parsed.GetValue(drain)),
                parsed.GetValue(apiKey),
                parsed.GetRequiredValue(useCase)),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(FleetOptions options, CancellationToken cancellation)
    {
        try
        {
            if (options.Profile.Link is not null && options.Server.Scheme != "http")
            {
                throw new SimulatorException($"the profile {options.Profile.Name} shapes plain connections only: give an http address in --server, or use steady or bursty");
            }

            return await new FleetRun(options, Console.Out).RunAsync(cancellation);
        }
        catch (Exception e) when (e is SimulatorException or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 1;
        }
    }

    private static FleetProfile Profile(string name, TimeSpan period)
    {
        var profile = FleetProfile.All.First(p => p.Name == name);
        return profile.Link is { Off: not null } link ? profile with { Link = link with { Off = period } } : profile;
    }

    private static void Check(System.CommandLine.Parsing.OptionResult result, bool holds, string message)
    {
        if (!holds)
        {
            result.AddError(message);
        }
    }
}
