using System.Text.Json;
using FleetManager.Contracts.Devices;
using FleetManager.Server.Components;
using FleetManager.Server.Components.Widgets;
using FleetManager.Server.Features.Receipts;
using FleetManager.Server.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace FleetManager.Server.Features.Devices.Pages;

/// <summary>One device: who it is, how it is, and what it should do.</summary>
public sealed partial class DevicePage
{
    private const int LargestLink = 64 * 1024;

    private DeviceView? _device;
    private string? _proofLink;
    private IReadOnlyList<string> _proofs = [];

    [Inject] private DeviceService Service { get; set; } = default!;

    [Inject] private ReceiptService Receipts { get; set; } = default!;

    [Inject] private TimeProvider Clock { get; set; } = default!;

    [Inject] private IDialogService Dialogs { get; set; } = default!;

    [Parameter, EditorRequired] public required string DeviceId { get; set; }

    // Presence and the age of reports fade with time alone.
    protected override TimeSpan? RefreshEvery => TimeSpan.FromSeconds(10);

    private protected override bool Concerns(Change change) => change.Kind == ChangeKind.Device && change.Id == DeviceId;

    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var device = await Service.FindAsync(Workspace.Id, DeviceId, cancellationToken);
        var proofs = await Receipts.ProofAsync(Workspace.Id, DeviceId, cancellationToken);
        (_device, _proofs) = (device, ProofWords.Of(proofs, device?.Sync));
        _proofLink = LinkTo(JsonSerializer.SerializeToUtf8Bytes(DeviceProof.Of(DeviceId, Clock.GetUtcNow(), proofs, device?.Sync), ProofJson.Default.DeviceProof));
    }

    // A browser session opens no route of the API, so the file comes with the page; one of very many runs is had by the API alone.
    private static string? LinkTo(byte[] proof) => proof.Length <= LargestLink ? "data:application/json;base64," + Convert.ToBase64String(proof) : null;

    private static IEnumerable<string> LoadOf(TelemetrySample sample)
    {
        if (sample.CpuPercent is { } cpu)
        {
            yield return $"CPU {Format.Percent(cpu)}";
        }

        if (sample is { MemoryUsedBytes: { } memory, MemoryTotalBytes: { } ofMemory })
        {
            yield return $"memory {ByteSize.About(memory)} of {ByteSize.About(ofMemory)}";
        }

        if (sample is { DiskUsedBytes: { } disk, DiskTotalBytes: { } ofDisk })
        {
            yield return $"disk {ByteSize.About(disk)} of {ByteSize.About(ofDisk)}";
        }

        if (sample.TemperatureCelsius is { } heat)
        {
            yield return $"{Math.Round(heat)} °C";
        }
    }

    private async Task RenameAsync()
    {
        var parameters = new DialogParameters<NameDialog>
        {
            { d => d.Title, "Rename device" },
            { d => d.SubmitText, "Rename" },
            { d => d.Name, _device?.Name ?? "" },
            { d => d.Save, SaveNameAsync },
        };
        var dialog = await Dialogs.ShowAsync<NameDialog>(null, parameters);
        if (await dialog.Result is { Canceled: false })
        {
            await ReloadAsync();
        }
    }

    private async Task<string?> SaveNameAsync(string name) =>
        !DeviceService.IsName(name) ? $"A name has 1 to {DeviceService.NameLength} characters, none of them a control character."
        : await Service.RenameAsync(Workspace.Id, DeviceId, name, Workspace.Actor, Gone) ? null
        : "This device is not there any more.";
}
