using FleetManager.Server.Components;
using FleetManager.Server.Features.Admin;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Health;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Images.Renditions;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Features.Workspaces;
using FleetManager.Server.Messaging;
using FleetManager.Server.OpenApi;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

try
{
    if (args is ["admin", .. var command])
    {
        return await AdminCommands.RunAsync(command);
    }

    if (args is [RenderWorker.Command, var mediaType, var width])
    {
        return RenderWorker.Run(mediaType, width);
    }

    // Configuration and assets lie beside the program, wherever it is started from.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.WebHost.UseStaticWebAssets();
    builder.AddFleetHost();
    builder.AddHttpLimits();
    builder.AddApiErrors();
    builder.AddKeys();
    builder.AddUseCases();
    builder.AddEvents();
    builder.AddImages();
    builder.AddReceipts();
    builder.Services.AddSingleton<HealthService>();
    builder.AddWorkspaces();
    builder.AddDevices();
    builder.AddSettings();
    builder.AddEnrollment();
    builder.AddConsole();
    builder.AddMessaging();
    builder.AddApiReference();

    var app = builder.Build();
    await HostSetup.PrepareAsync(app.Services, CancellationToken.None);

    app.UseApiErrors();
    app.UseStoppingGate();
    app.UseConsole();
    app.UseDeviceProof();
    app.MapHealth();
    app.MapApiKeys();
    app.MapWorkspace();
    app.MapUseCases();
    app.MapEvents();
    app.MapImages();
    app.MapReceipts();
    app.MapEnrollment();
    app.MapDevices();
    app.MapSettings();
    app.MapApiReference();
    app.MapConsole();
    await app.RunFleetAsync();
    return 0;
}
catch (Exception fault) when (fault is StartFault or OptionsValidationException)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
