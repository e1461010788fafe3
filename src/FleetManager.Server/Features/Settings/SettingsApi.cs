using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Settings;
using FleetManager.Server.Features.Devices;
using FleetManager.Server.Features.Keys;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Mvc;

namespace FleetManager.Server.Features.Settings;

/// <summary>Settings for scripts: the same save as the console's, with the same conflicts and checks.</summary>
internal static class SettingsApi
{
    public static void MapSettings(this IEndpointRouteBuilder app)
    {
        app.MapAgentSettings();
        app.MapGet("/api/v1/devices/{deviceId}/settings", GetAsync)
            .RequireScope(Scopes.DeviceRead)
            .WithTags("Settings")
            .WithName("GetSettings")
            .WithSummary("Desired settings, and how far they have come; the ETag is the revision")
            .Produces<SettingsView>()
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound);
        app.MapPut("/api/v1/devices/{deviceId}/settings", PutAsync)
            .RequireApiKey(Scopes.DeviceUpdate)
            .WithTags("Settings")
            .WithName("SaveSettings")
            .WithSummary("Saves the whole document of sections; If-Match names the revision that it is based on")
            .Accepts<AgentSettings>("application/json", JsonBody.AnyType)
            .Produces<SavedAnswer>()
            .Produces<FaultsAnswer>(StatusCodes.Status400BadRequest)
            .Produces<ErrorAnswer>(StatusCodes.Status404NotFound)
            .Produces<ConflictAnswer>(StatusCodes.Status409Conflict)
            .Produces<ErrorAnswer>(StatusCodes.Status428PreconditionRequired);
    }

    /// <summary>200, with secrets masked for a key that may only read; 404 when the key's workspace has no such device.</summary>
    private static async Task<IResult> GetAsync(
        string deviceId,
        HttpResponse response,
        Caller caller,
        SettingsService settings,
        CancellationToken cancellationToken)
    {
        if (!caller.MayReach(deviceId) || await settings.GetAsync(caller.WorkspaceId, deviceId, cancellationToken) is not { } view)
        {
            return DevicesApi.NotFound(deviceId);
        }

        response.Headers.ETag = $"\"{view.Revision}\"";
        return TypedResults.Json(view with { Sections = SettingsSecrets.For(caller, view.Sections) }, SettingsJson.Default.SettingsView);
    }

    /// <summary>200 with the new revision; 400 with every fault; 409 with what is there; 428 without If-Match.</summary>
    private static async Task<IResult> PutAsync(
        string deviceId,
        [FromHeader(Name = "If-Match"), Description("Revision that the settings are based on, in quotes.")] string? ifMatch,
        HttpRequest request,
        Caller caller,
        SettingsService settings,
        CancellationToken cancellationToken)
    {
        if (RevisionOf(ifMatch) is not { } basedOn)
        {
            return Refusal.Of(StatusCodes.Status428PreconditionRequired, "Send If-Match with the revision that the settings are based on, such as \"17\".");
        }

        if (await SectionsAsync(request, cancellationToken) is not { } sections)
        {
            return Refusal.Of(StatusCodes.Status400BadRequest, "The body must be a JSON object of sections.");
        }

        return await settings.SaveAsync(caller.WorkspaceId, deviceId, basedOn, sections, caller.Actor, cancellationToken) switch
        {
            SaveResult.Saved saved => TypedResults.Json(new SavedAnswer(saved.Revision), SettingsJson.Default.SavedAnswer),
            SaveResult.Invalid invalid => TypedResults.Json(
                FaultsAnswer.Of(invalid.Faults), SettingsJson.Default.FaultsAnswer, statusCode: StatusCodes.Status400BadRequest),
            SaveResult.Conflict conflict => TypedResults.Json(
                ConflictAnswer.Of(basedOn, conflict.Current), SettingsJson.Default.ConflictAnswer, statusCode: StatusCodes.Status409Conflict),
            _ => DevicesApi.NotFound(deviceId),
        };
    }

    /// <summary>The revision that <c>If-Match</c> names; null when it names none.</summary>
    public static long? RevisionOf(string? ifMatch) =>
        long.TryParse(ifMatch?.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : null;

    private static async Task<JsonElement?> SectionsAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return JsonElement.Parse(await JsonBody.ReadAsync(request, SettingsCheck.MaxLength, cancellationToken));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Revision">The revision that was saved.</param>
internal sealed record SavedAnswer(long Revision);

/// <param name="Error">All faults in words.</param>
/// <param name="Faults">Each of them.</param>
internal sealed record FaultsAnswer(string Error, IReadOnlyList<FaultDto> Faults)
{
    public static FaultsAnswer Of(IReadOnlyList<SectionFault> faults) => new(
        string.Join("; ", faults.Select(f => f.Fault.Message)),
        [.. faults.Select(f => new FaultDto(f.Section, f.Fault.Path, f.Fault.Code, f.Fault.Message))]);
}

/// <param name="Section">Section, empty for the document.</param>
/// <param name="Path">Key in it, empty for the section.</param>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people, with the allowed range.</param>
internal sealed record FaultDto(string Section, string Path, string Code, string Message);

/// <param name="Error">Who saved meanwhile, and when.</param>
/// <param name="Current">What is there now.</param>
internal sealed record ConflictAnswer(string Error, SettingsView Current)
{
    public static ConflictAnswer Of(long basedOn, SettingsView current) => new(
        current.IssuedBy is null
            ? $"The settings are at revision 0, not {basedOn}."
            : $"{current.IssuedBy} saved revision {current.Revision} at {current.IssuedAt:u}; yours is based on {basedOn}.",
        current);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SettingsView))]
[JsonSerializable(typeof(SavedAnswer))]
[JsonSerializable(typeof(FaultsAnswer))]
[JsonSerializable(typeof(ConflictAnswer))]
internal sealed partial class SettingsJson : JsonSerializerContext;
