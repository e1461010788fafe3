using System.Text.Json;

namespace FleetManager.Contracts.Settings;

/// <summary>
/// Body of <c>down/settings</c> and of <c>GET /agent/v1/settings</c> (design 5.2): always the whole document. Sections are kept as JSON,
/// so that an agent reads them one by one: a bad one never spoils the others, an unknown one is told, not dropped.
/// </summary>
/// <param name="Revision">Strictly increasing per device, from 1; 0 is the product's defaults, never changed by anybody.</param>
/// <param name="Hash">Hash of <paramref name="Sections"/>, see <see cref="CanonicalJson"/>.</param>
/// <param name="IssuedAt">When it was saved, by the server's clock.</param>
/// <param name="IssuedBy">Who saved it.</param>
/// <param name="Sections">Object of sections: <c>eventStore</c>, <c>visionEventsBackup</c>, <c>telemetry</c>, <c>logging</c>.</param>
public sealed record DesiredSettings(long Revision, string Hash, DateTimeOffset IssuedAt, string IssuedBy, JsonElement Sections);
