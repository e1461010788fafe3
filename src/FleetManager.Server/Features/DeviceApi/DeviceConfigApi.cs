using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Features.DeviceHistory;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Features.Settings;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>Configuration of devices: read, patch, history.</summary>
internal static class DeviceConfigApi
{
    private const int MaxHistory = 500;
    private const int DefaultHistory = 10;

    public static void MapDeviceConfig(this RouteGroupBuilder group)
    {
        group.MapGet("default-config", Defaults)
            .NeedsScope(Scopes.DeviceRead, ofWorkspace: true)
            .WithName("GetDefaultDeviceConfig")
            .WithSummary("What a new device starts with")
            .Produces<DefaultConfigDto>();
        group.MapGet("{deviceId}/config", GetAsync)
            .NeedsScope(Scopes.DeviceRead)
            .WithName("GetDeviceConfig")
            .WithSummary("Configuration that the device should have; the ETag is its revision")
            .Produces<ConfigDto>();
        group.MapPatch("{deviceId}/config", PatchAsync)
            .NeedsScope(Scopes.DeviceUpdate)
            .WithName("PatchDeviceConfig")
            .WithSummary("Changes settings by JSON Merge Patch; null takes one back to its default")
            .Accepts<AgentSettings>("application/json", "application/merge-patch+json", JsonBody.AnyType)
            .Produces<ConfigDto>()
            .Produces<FaultsAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ConflictAnswer>(StatusCodes.Status409Conflict);
        group.MapGet("{deviceId}/config/history", HistoryAsync)
            .NeedsScope(Scopes.DeviceRead)
            .WithName("ListDeviceConfigHistory")
            .WithSummary("Saved revisions of the configuration, the newest first")
            .Produces<PageDto<RevisionDto>>()
            .Produces<ErrorAnswer>(StatusCodes.Status400BadRequest);
    }

    /// <summary>200 with the product's defaults: a workspace changes nothing of them so far.</summary>
    private static JsonHttpResult<DefaultConfigDto> Defaults() =>
        TypedResults.Json(new DefaultConfigDto(SettingsCatalog.Defaults, System.Text.Json.JsonElement.Parse("{}")), DeviceApiJson.Default.DefaultConfigDto);

    /// <summary>200; 404 when the workspace has no such device.</summary>
    private static async Task<IResult> GetAsync(
        string deviceId,
        HttpResponse response,
        Caller caller,
        DeviceConfigService configs,
        CancellationToken cancellationToken) =>
        await configs.GetAsync(caller, deviceId, cancellationToken) is { } config ? Show(response, config) : DevicesApi.NotFound(deviceId);

    /// <summary>
    /// 200 with what is there now; 400 with every fault; 404 when the workspace has no such device; 409 when If-Match names another revision, or
    /// others save all the time.
    /// </summary>
    private static async Task<IResult> PatchAsync(
        string deviceId,
        HttpContext http,
        Caller caller,
        DeviceConfigService configs,
        CancellationToken cancellationToken)
    {
        var (patch, fault) = MergePatch.Read(await JsonBody.ReadAsync(http.Request, SettingsCheck.MaxLength, cancellationToken));
        if (patch is null)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, fault!);
        }

        var basedOn = SettingsApi.RevisionOf(http.Request.Headers.IfMatch);
        if (basedOn is null && http.Request.Headers.ContainsKey(HeaderNames.IfMatch))
        {
            return Refusal.Of(
                StatusCodes.Status400BadRequest,
                "If-Match must be the revision that the patch is based on, such as \"17\"; leave it out to patch whatever is there.");
        }

        return await configs.PatchAsync(caller, deviceId, patch, basedOn, cancellationToken) switch
        {
            SaveResult.Saved => await GetAsync(deviceId, http.Response, caller, configs, cancellationToken),
            SaveResult.Invalid invalid => TypedResults.Json(
                FaultsAnswer.Of(invalid.Faults), SettingsJson.Default.FaultsAnswer, statusCode: StatusCodes.Status400BadRequest),
            SaveResult.Conflict conflict when basedOn is { } expected => TypedResults.Json(
                ConflictAnswer.Of(expected, conflict.Current), SettingsJson.Default.ConflictAnswer, statusCode: StatusCodes.Status409Conflict),
            SaveResult.Conflict => Refusal.Of(StatusCodes.Status409Conflict, "Others save all the time: send the patch again."),
            _ => DevicesApi.NotFound(deviceId),
        };
    }

    /// <summary>200 with a page; 400 names the parameter that can not be read; 404 when the workspace has no such device.</summary>
    private static async Task<IResult> HistoryAsync(
        string deviceId,
        [AsParameters] HistoryParameters parameters,
        Caller caller,
        DeviceConfigService configs,
        CancellationToken cancellationToken)
    {
        var limit = QueryValue.Limit(parameters.Limit, MaxHistory, DefaultHistory);
        return await configs.HistoryAsync(caller, deviceId, QueryValue.Cursor(parameters.Cursor), limit, cancellationToken) is { } read
            ? TypedResults.Json(
                PageDto<RevisionDto>.Of(read, limit, r => RevisionDto.Of(r, caller), r => new RowCursor(r.IssuedAt, r.Key)),
                DeviceApiJson.Default.PageDtoRevisionDto)
            : DevicesApi.NotFound(deviceId);
    }

    private static JsonHttpResult<ConfigDto> Show(HttpResponse response, ConfigDto config)
    {
        response.Headers.ETag = $"\"{config.Version}\"";
        return TypedResults.Json(config, DeviceApiJson.Default.ConfigDto);
    }

    /// <param name="Limit">Most revisions of a page, 1 to 500, 10 when absent.</param>
    /// <param name="Cursor">ISO time: <c>next_cursor</c> of the page before.</param>
    internal sealed record HistoryParameters(string? Limit, string? Cursor);
}
