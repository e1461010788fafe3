using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FleetManager.Agent.EventStore;

namespace FleetManager.FaultLab;

/// <summary>What happened, so that two runs of a seed can be compared and one that failed can be read.</summary>
internal sealed class Trace(bool prints) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public int Step { get; set; }

    /// <summary>Equal for equal runs.</summary>
    public string Digest => Convert.ToHexStringLower(_hash.GetCurrentHash())[..16];

    public void Say(string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{Step,4} {what}");
        _hash.AppendData(Encoding.UTF8.GetBytes(line));
        if (prints)
        {
            Console.WriteLine(line);
        }
    }

    public void State(StoreStats stats, int onServer, long requests) => Say(string.Create(
        CultureInfo.InvariantCulture,
        $"     last {stats.Totals.LastSeq} held {stats.BackedUp} pending {stats.Pending} parked {stats.Parked} lost {stats.DeclaredLost} records {stats.Totals.Records} server {onServer} requests {requests}"));

    public void Dispose() => _hash.Dispose();
}
