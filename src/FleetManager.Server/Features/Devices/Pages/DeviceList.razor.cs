using FleetManager.Server.Features.Devices.Dialogs;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace FleetManager.Server.Features.Devices.Pages;

/// <summary>Devices, a page at a time, searched and sorted by the database; all of it stands in the address.</summary>
public sealed partial class DeviceList
{
    private const int PageSize = 50;

    private Devices.DeviceList? _list;

    [Inject] private DeviceService Service { get; set; } = default!;

    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "search")] private string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "sort")] private string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "page")] private int? Page { get; set; }

    // Presence fades with time alone.
    protected override TimeSpan? RefreshEvery => TimeSpan.FromSeconds(10);

    private int PageIndex => Math.Clamp((Page ?? 1) - 1, 0, 100_000);

    private DeviceSort SortedBy => Enum.TryParse<DeviceSort>(Sort?.TrimStart('-'), ignoreCase: true, out var sort) ? sort : DeviceSort.Name;

    private bool Descending => Sort is { Length: > 0 } && Sort[0] == '-';

    private protected override bool Concerns(Change change) => change.Kind == ChangeKind.Device;

    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _list = await Service.ListAsync(Workspace.Id, new DeviceListQuery(Search, SortedBy, Descending, PageIndex * PageSize, PageSize), cancellationToken);

    private void SearchFor(string? text) =>
        Go(new Dictionary<string, object?> { ["search"] = string.IsNullOrWhiteSpace(text) ? null : text, ["page"] = null }, replace: true);

    private void GoTo(int page) => Go(new Dictionary<string, object?> { ["page"] = page == 0 ? null : page + 1 }, replace: false);

    private void Go(Dictionary<string, object?> parameters, bool replace) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(parameters), replace: replace);

    private RenderFragment SortHeader(string title, DeviceSort sort) => builder =>
    {
        var isSorted = SortedBy == sort;
        var next = (isSorted && !Descending ? "-" : "") + sort.ToString().ToLowerInvariant();
        builder.OpenElement(0, "th");
        builder.AddAttribute(1, "scope", "col");
        builder.AddAttribute(2, "aria-sort", !isSorted ? "none" : Descending ? "descending" : "ascending");
        builder.AddAttribute(3, "class", sort == DeviceSort.Pending ? "f-num" : null);
        builder.OpenElement(4, "button");
        builder.AddAttribute(5, "type", "button");
        builder.AddAttribute(6, "class", "f-sort");
        builder.AddAttribute(7, "onclick", EventCallback.Factory.Create(this, () => Go(new() { ["sort"] = next, ["page"] = null }, replace: false)));
        builder.AddContent(8, title + (!isSorted ? "" : Descending ? " ↓" : " ↑"));
        builder.CloseElement();
        builder.CloseElement();
    };

    private Task<IDialogReference> AddAsync() => Dialogs.ShowAsync<AddDeviceDialog>(null, new DialogParameters<AddDeviceDialog> { { d => d.Workspace, Workspace } });
}
