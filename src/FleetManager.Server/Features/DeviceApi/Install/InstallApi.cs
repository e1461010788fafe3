using System.Globalization;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetManager.Server.Features.DeviceApi.Install;

/// <summary>What a device fetches to install its agent. The install id in the address is the credential.</summary>
internal static class InstallApi
{
    private const int GuessesPerMinute = 10;
    private const string Unknown =
        "This install id is unknown, expired or replaced. Ids are good for 24 hours: make a new one with POST /api/v1/devices/DEVICE_ID/enrollment-token.";

    public static void MapInstall(this IEndpointRouteBuilder app)
    {
        var guesses = new FailureLimit(GuessesPerMinute, app.ServiceProvider.GetRequiredService<TimeProvider>());
        var group = app.MapGroup("/devices/v2/{installId}").AllowAnonymous().WithTags("Device API").AddEndpointFilter(async (context, next) =>
        {
            var answer = await next(context);
            if (answer is not IStatusCodeHttpResult { StatusCode: StatusCodes.Status404NotFound }
                || guesses.Note(context.HttpContext.Connection.RemoteIpAddress) is not { Ticks: > 0 } wait)
            {
                return answer;
            }

            var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            context.HttpContext.Response.Headers.RetryAfter = seconds;
            return Script(StatusCodes.Status429TooManyRequests, InstallScript.Refusal($"Too many unknown install ids from this address; try again in {seconds} s."));
        });
        group.MapGet("install.sh", ScriptAsync)
            .WithName("GetInstallScript")
            .WithSummary("Shell script that installs and enrolls the agent: curl -fsSL URL | sudo sh")
            .Produces<string>(StatusCodes.Status200OK, "text/x-shellscript")
            .Produces<string>(StatusCodes.Status404NotFound, "text/x-shellscript")
            .Produces<string>(StatusCodes.Status429TooManyRequests, "text/x-shellscript");
        group.MapGet("packages/{package}", PackageAsync)
            .WithName("GetAgentPackage")
            .WithSummary("The agent as the install script fetches it: linux-x64, linux-arm64, or Debian's package: linux-x64.deb, linux-arm64.deb")
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream")
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
    }

    /// <summary>200; 404 for an id that is unknown, expired or replaced, with a script that says so and fails.</summary>
    private static async Task<IResult> ScriptAsync(
        string installId,
        HttpRequest request,
        InstallService installs,
        AgentPackages packages,
        CancellationToken cancellationToken)
    {
        if (await installs.FindAsync(installId, cancellationToken) is not { } installation)
        {
            return Script(StatusCodes.Status404NotFound, InstallScript.Refusal(Unknown));
        }

        var offered = new Dictionary<string, string>();
        foreach (var name in AgentPackages.Names)
        {
            if (packages.Find(name) is { } package)
            {
                offered[name] = await packages.HashAsync(package, cancellationToken);
            }
        }

        var server = $"{request.Scheme}://{request.Host}{request.PathBase}";
        return Script(StatusCodes.Status200OK, InstallScript.For(server, installId, installation, offered));
    }

    /// <summary>200 with the package; 404 for an id that is not good, or a package that this server does not have.</summary>
    private static async Task<IResult> PackageAsync(
        string installId,
        string package,
        InstallService installs,
        AgentPackages packages,
        CancellationToken cancellationToken) =>
        await installs.FindAsync(installId, cancellationToken) is null ? Refusal.Of(StatusCodes.Status404NotFound, Unknown)
        : packages.Find(package) is { } file ? TypedResults.PhysicalFile(file.FullName, "application/octet-stream", file.Name)
        : Refusal.Of(StatusCodes.Status404NotFound, $"This server has no agent for {package}: put {AgentPackages.FileOf(package)} into Fleet:Devices:PackageDirectory.");

    private static ContentHttpResult Script(int status, string text) => TypedResults.Text(text, "text/x-shellscript; charset=utf-8", statusCode: status);
}
