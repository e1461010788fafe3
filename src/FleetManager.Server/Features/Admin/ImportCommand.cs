using System.CommandLine;
using FleetManager.Server.Features.AirGap;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Setup;

namespace FleetManager.Server.Features.Admin;

/// <summary><c>admin import FILE</c>: takes in what a device without a network exported; works beside a running server.</summary>
internal static class ImportCommand
{
    public static Command Create(string[] configuration)
    {
        var file = new Argument<FileInfo>("file") { Description = "Archive that fleet-agent export wrote" };
        var command = new Command("import", "Takes in the events of a device that no network reaches") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var source = parsed.GetRequiredValue(file);
            if (!source.Exists)
            {
                throw new StartFault($"There is no file {source.FullName}.");
            }

            using var host = await AdminHost.OpenAsync(configuration, cancellationToken, builder =>
            {
                builder.AddUseCases();
                builder.AddEvents();
                builder.AddImages();
                builder.AddReceipts();
            });
            await host.Services.GetRequiredService<IImageStore>().PrepareAsync(cancellationToken);

            // The writer alone: what else the server does with events, a running one does.
            var writer = host.Services.GetServices<IHostedService>().OfType<IngestWorker>().Single();
            await writer.StartAsync(cancellationToken);
            var (result, fault) = await host.Services.GetRequiredService<ImportService>().ImportAsync(null, source.FullName, AdminCommands.Actor, null, cancellationToken);
            await writer.StopAsync(CancellationToken.None);
            Console.WriteLine(result ?? throw new StartFault(fault!));
            foreach (var reason in result.Reasons)
            {
                await Console.Error.WriteLineAsync($"{reason.Count} refused, {reason.Code}: {reason.Message}");
            }
        });
        return command;
    }
}
