using Bunit;
using FleetManager.Server.Components;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.AirGap;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Enrollment;
using FleetManager.Server.Features.Events;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace FleetManager.Server.Tests.Pages;

/// <summary>Renders pages of the real server's workspace with its real services and database; only the browser is played.</summary>
internal sealed class PageContext : BunitContext
{
    private PageContext(FleetApplication fleet, string role)
    {
        Fleet = fleet;
        Services.AddMudServices();
        Services.AddScoped<Browser>();
        Share<ChangeFeed>();
        Share<TimeProvider>();
        Share<UseCaseService>();
        Share<EventQueryService>();
        Share<EventDeleteService>();
        Share<FeedbackService>();
        Share<DeviceService>();
        Share<SettingsService>();
        Share<EnrollmentService>();
        Share<ReceiptService>();
        Share<ImportService>();
        Share<IncomingFolder>();
        Share<ApiKeyService>();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Scope = new WorkspaceScope { Id = fleet.Workspace.Id, Slug = fleet.Workspace.Slug, Name = fleet.Workspace.Name, Role = role, Email = "ann@example.com" };
        RenderTree.Add<CascadingValue<WorkspaceScope>>(p => p.Add(c => c.Value, Scope));
    }

    public FleetApplication Fleet { get; }

    public WorkspaceScope Scope { get; }

    public ChangeFeed Feed => Fleet.Service<ChangeFeed>();

    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    public static async Task<PageContext> StartAsync(string role = "owner") => new(await FleetApplication.StartAsync(), role);

    /// <summary>Where dialogs appear: they hang outside the page that opens them.</summary>
    public IRenderedComponent<MudDialogProvider> RenderDialogs()
    {
        Render<MudPopoverProvider>();
        return Render<MudDialogProvider>();
    }

    /// <summary>What a service does after it has committed a change.</summary>
    public void Publish(ChangeKind kind, string id) => Feed.Publish(new Change(Scope.Id, kind, id));

    private void Share<T>()
        where T : class => Services.AddSingleton(Fleet.Service<T>());

    /// <summary>Goes away as a closed tab does, and proves that nothing of it stays behind.</summary>
    public async Task CloseAsync()
    {
        await DisposeComponentsAsync();
        Assert.Equal(0, Feed.Subscribers);
        await DisposeAsync();
        await Fleet.DisposeAsync();
    }
}
