using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetManager.Server.Components.Widgets;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace FleetManager.Server.Features.Events.Pages;

/// <summary>One event beside the list.</summary>
public sealed partial class EventDetail
{
    private static readonly JsonWriterOptions s_readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private EventDto? _event;
    private EventWords? _words;
    private IReadOnlyList<EventPicture> _pictures = [];
    private string _raw = "";

    [Inject] private EventQueryService Events { get; set; } = default!;

    [Inject] private EventDeleteService Deletion { get; set; } = default!;

    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [Inject] private ISnackbar Snackbar { get; set; } = default!;

    [Parameter, EditorRequired] public required string UseCaseId { get; set; }

    [Parameter, EditorRequired] public required string EventId { get; set; }

    /// <summary>Where the close button leads.</summary>
    [Parameter, EditorRequired] public required string CloseAddress { get; set; }

    /// <summary>The event is gone, by this click or by somebody else's before.</summary>
    [Parameter] public EventCallback<string> OnDeleted { get; set; }

    private protected override bool Concerns(Change change) => false;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_event?.EventId == EventId && _event.UseCaseId == UseCaseId)
        {
            return;
        }

        var found = await Events.FindAsync(Workspace.Id, UseCaseId, EventId, cancellationToken);
        _event = found;
        _words = found is null ? null : EventWords.Of(found.EventType, found.EventData);
        _pictures = found is null ? [] : EventPicture.ReadAll(found.Images, (id, variant) => ImagesRoute.Of(Workspace, id, variant));
        _raw = found is null ? "" : RawOf(found);
    }

    private async Task DeleteAsync(EventDto found)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { d => d.Title, "Delete event" },
            { d => d.Text, $"{EventWords.Type(found.EventType)} event “{found.EventId}” will be deleted for good, for everybody. This can not be undone." },
            { d => d.Action, "Delete" },
        };
        var dialog = await Dialogs.ShowAsync<ConfirmDialog>(null, parameters);
        if (await dialog.Result is { Canceled: false })
        {
            await GuardAsync(async () =>
            {
                var answer = await Deletion.DeleteAsync(Workspace.Id, UseCaseId, [found.EventId], Workspace.Actor, Gone);
                Tell(found.EventId, wasThere: answer is { Deleted: > 0 });
                await OnDeleted.InvokeAsync(found.EventId);
            });
        }
    }

    private void Tell(string eventId, bool wasThere) => Snackbar.Add(
        wasThere ? $"Event “{eventId}” is deleted." : $"Event “{eventId}” was already gone: somebody else deleted it first.",
        wasThere ? Severity.Success : Severity.Warning);

    private static string RawOf(EventDto found)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_readable))
        {
            writer.WriteStartObject();
            writer.WriteString("eventId", found.EventId);
            writer.WriteString("eventType", found.EventType);
            writer.WriteString("useCaseId", found.UseCaseId);
            writer.WriteString("timestamp", found.Timestamp);
            WriteText(writer, "deviceId", found.DeviceId);
            WriteText(writer, "streamId", found.StreamId);
            WriteText(writer, "workflowId", found.WorkflowId);
            WriteJson(writer, "eventData", found.EventData);
            WriteJson(writer, "images", found.Images);
            WriteJson(writer, "customMetadata", found.CustomMetadata);
            WriteText(writer, "comment", found.Comment);
            WriteJson(writer, "otherFields", found.Extra);
            WriteJson(writer, "warnings", found.Warnings);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void WriteJson(Utf8JsonWriter writer, string name, string? json)
    {
        if (json is not null)
        {
            using var document = JsonDocument.Parse(json);
            writer.WritePropertyName(name);
            document.RootElement.WriteTo(writer);
        }
    }
}
