using FleetManager.Server.Components;
using FleetManager.Server.Features.Accounts;
using FleetManager.Server.Features.Images;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace FleetManager.Server.Features.AirGap.Pages;

/// <summary>Takes in a file that a device without a network exported.</summary>
public sealed partial class ImportExport : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private bool _busy;
    private string? _doing;
    private string? _fault;
    private ImportResult? _result;

    /// <summary>The workspace's slug in the address; what counts is <see cref="Workspace"/>.</summary>
    [Parameter] public string? Slug { get; set; }

    [CascadingParameter] public WorkspaceScope Workspace { get; set; } = default!;

    [Inject] private ImportService Imports { get; set; } = default!;

    [Inject] private IncomingFolder Incoming { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task ImportAsync(InputFileChangeEventArgs chosen)
    {
        (_busy, _fault, _result, _doing) = (true, null, null, $"Receiving {ByteSize.About(chosen.File.Size)}…");
        try
        {
            if (chosen.File.Size > ImportUpload.MaxBytes)
            {
                _fault = $"The archive has {ByteSize.About(chosen.File.Size)}, and {ByteSize.About(ImportUpload.MaxBytes)} can be uploaded: use FleetManager.Server admin import FILE on the server.";
                return;
            }

            var actor = Workspace.Actor;
            await using var stream = chosen.File.OpenReadStream(ImportUpload.MaxBytes, _gone.Token);
            using var upload = await ImportUpload.ReceiveAsync(Incoming, stream, _gone.Token);
            _doing = "Checking…";
            StateHasChanged();
            var progress = new Progress<ImportResult>(r => InvokeAsync(() =>
            {
                _doing = $"{Format.Count(r.Created + r.Known + r.Refused)} of {Format.Count(r.Events, "event")}…";
                StateHasChanged();
            }));
            (_result, _fault) = await Imports.ImportAsync(Workspace.Id, upload.Path, actor, progress, _gone.Token);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // Left the page; what was taken stays, and the same file goes on where it ended.
        }
        catch (Exception fault) when (fault is IOException or BusyException)
        {
            _fault = $"The file could not be received: {fault.Message}";
        }
        finally
        {
            _busy = false;
        }
    }
}
