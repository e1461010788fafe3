using System.Globalization;
using System.Text.RegularExpressions;

namespace FleetManager.EndToEnd.Tests.Harness;

/// <summary>A running <c>fleet-sim camera</c>; its id file tells what an event store accepted.</summary>
internal sealed partial class CameraProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _ids;

    private CameraProcess(ChildProcess process, string ids)
    {
        _process = process;
        _ids = ids;
    }

    public string Output => _process.Output;

    public static CameraProcess Start(Uri store, double rate, string ids, params string[] options) => new(
        ChildProcess.StartDotnet(
            "camera",
            Repository.SimulatorDll,
            ["camera", "--samples", Repository.Samples, "--to", store.ToString(), "--rate", rate.ToString(CultureInfo.InvariantCulture), "--ids", ids, .. options]),
        ids);

    /// <summary>Ids of the events that were accepted so far.</summary>
    public IReadOnlyList<string> AcceptedIds()
    {
        if (!File.Exists(_ids))
        {
            return [];
        }

        // The camera is still writing to it.
        using var file = new FileStream(_ids, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task<CameraSummary> StopAsync(CancellationToken cancellation)
    {
        await _process.StopAsync(cancellation);
        return await SummaryAsync(cancellation);
    }

    /// <summary>Waits until its count is reached.</summary>
    public async Task<CameraSummary> CompleteAsync(CancellationToken cancellation)
    {
        await _process.ExitAsync(TimeSpan.FromMinutes(3), cancellation);
        return await SummaryAsync(cancellation);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<CameraSummary> SummaryAsync(CancellationToken cancellation)
    {
        var match = await _process.FindAsync(Summary(), TimeSpan.FromSeconds(5), cancellation);
        return new CameraSummary(Number(1), Number(2), Number(3));

        int Number(int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^posted (\\d+), refused (\\d+), unanswered (\\d+)$")]
    private static partial Regex Summary();
}

/// <summary>The camera's last line.</summary>
/// <param name="Posted">Accepted events.</param>
/// <param name="Refused">Events that the store refused for good.</param>
/// <param name="Unanswered">Posts whose answer was lost: the store may hold each under an id of its own.</param>
internal sealed record CameraSummary(int Posted, int Refused, int Unanswered);
