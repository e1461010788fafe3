using System.Text.Json;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Tests.Fakes;

internal static class Documents
{
    /// <summary>A settings document as the server would make it: with the right hash.</summary>
    public static DesiredSettings Of(long revision, string sections)
    {
        var json = JsonDocument.Parse(sections).RootElement.Clone();
        return new DesiredSettings(revision, CanonicalJson.Hash(json), DateTimeOffset.UnixEpoch, "ann", json);
    }

    /// <summary>Backup switched on, with a default use case, and whatever else.</summary>
    public static DesiredSettings Backup(long revision, string more = "") =>
        Of(revision, """{"visionEventsBackup":{"enabled":true,"defaultUseCaseId":"line"MORE}}""".Replace("MORE", more.Length > 0 ? "," + more : "", StringComparison.Ordinal));
}
