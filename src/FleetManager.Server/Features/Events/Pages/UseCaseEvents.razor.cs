using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.UseCases;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>Events of a use case, newest first. What arrives while somebody reads is announced and never moves the list.</summary>
public sealed partial class UseCaseEvents
{
    private const int PageSize = 50;
    private const int DevicesOffered = 500;

    private readonly List<Row> _events = [];
    private Dictionary<string, string> _devices = [];
    private UseCaseSummary? _useCase;
    private EventFilter _filter = EventFilter.Parse(null, null, null, null, null);
    private EventQuery? _query;
    private string? _listed;
    private string? _next;
    private long? _total;
    private long _arrived;
    private bool _loadingMore;

    [Inject] private UseCaseService UseCases { get; set; } = default!;

    [Inject] private EventQueryService Events { get; set; } = default!;

    [Inject] private DeviceService Devices { get; set; } = default!;

    [Inject] private NavigationManager Navigation { get; set; } = default!;

    [Inject] private TimeProvider Clock { get; set; } = default!;

    [Parameter, EditorRequired] public required string UseCaseId { get; set; }

    [Parameter] public string? EventId { get; set; }

    [SupplyParameterFromQuery(Name = "range")] private string? Range { get; set; }

    [SupplyParameterFromQuery(Name = "from")] private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")] private string? To { get; set; }

    [SupplyParameterFromQuery(Name = "type")] private string? Type { get; set; }

    [SupplyParameterFromQuery(Name = "device")] private string? Device { get; set; }

    private protected override bool Concerns(Change change) =>
        change.Kind is ChangeKind.Events or ChangeKind.UseCase && change.Id == (_useCase?.Id ?? UseCaseId);

    protected override async Task OnParametersSetAsync()
    {
        // Opening an event changes the address only: the list stays where it is.
        var wanted = $"{UseCaseId}\n{Range}\n{From}\n{To}\n{Type}\n{Device}";
        if (_listed != wanted)
        {
            _listed = wanted;
            await ReloadAsync();
        }
    }

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var useCase = await UseCases.FindAsync(Workspace.Id, UseCaseId, cancellationToken);
        var filter = EventFilter.Parse(Range, From, To, Type, Device);
        var query = filter.ToQuery(UseCaseId, Clock.GetUtcNow(), PageSize);
        var page = await Events.QueryAsync(Workspace.Id, query, cancellationToken);
        var devices = await Devices.ListAsync(Workspace.Id, new DeviceListQuery(Take: DevicesOffered), cancellationToken);

        _devices = devices.Rows.ToDictionary(d => d.DeviceId, d => d.Name);
        (_useCase, _filter, _query, _next) = (useCase, filter, query, page.NextCursor);
        _events.Clear();
        _events.AddRange(page.Events.Select(RowOf));
        _arrived = 0;
        _total = null;
        StateHasChanged();
        _total = await Events.CountAsync(Workspace.Id, query, cancellationToken);
    }

    protected override Task OnChangedAsync() => _events.Count == 0 ? ReloadAsync() : GuardAsync(CountNewAsync);

    private async Task CountNewAsync()
    {
        if (_query is not { } query)
        {
            return;
        }

        _useCase = await UseCases.FindAsync(Workspace.Id, UseCaseId, Gone);
        var total = await Events.CountAsync(Workspace.Id, query, Gone);
        _arrived += Math.Max(0, total - (_total ?? total));
        _total = total;
    }

    private Task ShowNewAsync() => ReloadAsync();

    private async Task LoadMoreAsync()
    {
        if (_query is not { } query || _next is null)
        {
            return;
        }

        _loadingMore = true;
        await GuardAsync(async () =>
        {
            var page = await Events.QueryAsync(Workspace.Id, query with { Cursor = _next }, Gone);
            _events.AddRange(page.Events.Select(RowOf));
            _next = page.NextCursor;
        });
        _loadingMore = false;
    }

    private async Task DeletedAsync(string eventId)
    {
        _events.RemoveAll(r => r.Event.EventId == eventId);
        Navigation.NavigateTo(AddressOf(null));
        await OnChangedAsync();
    }

    private Row RowOf(EventDto found) => new(
        found,
        EventWords.Of(found.EventType, found.EventData),
        EventPicture.ReadAll(found.Images, (id, variant) => ImagesRoute.Of(Workspace, id, variant)) is { Count: > 0 } pictures
            ? pictures[found.DisplayImagePosition is { } at && at >= 0 && at < pictures.Count ? at : 0]
            : null);

    private void Open(Row row) => Navigation.NavigateTo(AddressOf(row.Event.EventId));

    // An id may hold slashes: the route takes the whole rest of the path.
    private string AddressOf(string? eventId) =>
        Workspace.Path("vision-events", UseCaseId)
        + (eventId is null ? "" : "/" + Uri.EscapeDataString(eventId).Replace("%2F", "/", StringComparison.Ordinal))
        + new Uri(Navigation.Uri).Query;

    private string NameOf(EventDto found) =>
        found.DeviceId is null ? "" : _devices.TryGetValue(found.DeviceId, out var name) ? name : found.DeviceId;

    private sealed record Row(EventDto Event, EventWords Words, EventPicture? Picture);
}
