using FleetManager.Contracts.Agents;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>The form of a batch of log lines; JSON may leave out what the contract requires.</summary>
internal static class LogBatchForm
{
    /// <summary>What is wrong and where; null when nothing is.</summary>
    public static string? Fault(LogBatch batch)
    {
        if (batch.Boot < 1)
        {
            return "boot: the start number counts from 1.";
        }

        if (batch.Lines is not { Count: >= 1 and <= LogBatch.MaxLines })
        {
            return $"lines: 1 to {LogBatch.MaxLines} lines make a batch.";
        }

        for (var i = 0; i < batch.Lines.Count; i++)
        {
            if (Fault(batch.Lines[i]) is { } fault)
            {
                return $"lines[{i}]{fault}";
            }
        }

        return batch.Lines.DistinctBy(l => l.Seq).Count() == batch.Lines.Count ? null : "lines: two of them have the same seq.";
    }

    private static string? Fault(LogLine? line) => line switch
    {
        null => ": must be an object.",
        { Seq: < 1 } => ".seq: lines are numbered from 1.",
        _ when LogSeverities.Normalize(line.Severity) is null => $".severity: must be one of {string.Join(", ", LogSeverities.All)}.",
        _ when line.Service is not { Length: >= 1 and <= LogBatch.MaxServiceLength } || line.Service.Any(c => char.IsControl(c) || c == ',') =>
            $".service: must have 1 to {LogBatch.MaxServiceLength} characters, none of them a comma or a control character.",
        _ when line.Message is not { Length: >= 1 and <= LogBatch.MaxMessageLength } || line.Message.Contains('\0') =>
            $".message: must have 1 to {LogBatch.MaxMessageLength} characters, none of them NUL.",
        _ => null,
    };
}
