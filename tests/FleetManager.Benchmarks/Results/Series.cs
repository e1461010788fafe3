using System.Globalization;
using FleetManager.Benchmarks.Load;

namespace FleetManager.Benchmarks.Results;

/// <summary>What one side measured, a sample a round. Figures are medians over the rounds.</summary>
internal sealed class Series(string name)
{
    private readonly List<Sample> _samples = [];

    public string Name => name;

    public double Rate => Median(s => s.Rate);

    public double P50 => Median(s => s.P50);

    public double P99 => Median(s => s.P99);

    public double ServerMicros => Median(s => s.ServerMicros);

    public double DatabaseMicros => Median(s => s.DatabaseMicros);

    public void Add(Sample sample)
    {
        _samples.Add(sample);
        Console.Error.WriteLine($"  {name}: {Describe(sample)}");
    }

    /// <summary>A rate with its range, and the CPU time of load, server and database for each.</summary>
    public string RateText => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rate:n0}/s [{_samples.Min(s => s.Rate):n0}–{_samples.Max(s => s.Rate):n0}]; CPU µs {Median(s => s.LoadMicros):0.0} + {ServerMicros:0.0} + {DatabaseMicros:0.0}");

    /// <summary>The same with the times of an operation.</summary>
    public string LoadText => string.Create(CultureInfo.InvariantCulture, $"{RateText}; p50/p99 {P50:0.0}/{P99:0.0} ms");

    public string TimeText => string.Create(
        CultureInfo.InvariantCulture,
        $"{P50:0.00} ms [{_samples.Min(s => s.P50):0.00}–{_samples.Max(s => s.P50):0.00}]");

    private double Median(Func<Sample, double> figure)
    {
        double[] sorted = [.. _samples.Select(figure).Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Describe(Sample s) => string.Create(
        CultureInfo.InvariantCulture,
        $"{s.Rate:n0}/s, p50 {s.P50:0.00} p99 {s.P99:0.00} ms, CPU µs load {s.LoadMicros:0.0} server {s.ServerMicros:0.0} database {s.DatabaseMicros:0.0}");
}
