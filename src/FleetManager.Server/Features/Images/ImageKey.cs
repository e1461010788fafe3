using System.Globalization;
using FleetManager.Data.Images;

namespace FleetManager.Server.Features.Images;

/// <summary>
/// Where the bytes of an image lie. The hour in it keeps two lives of one image apart: retention deletes what was stored long ago, and the same
/// bytes that come in at that moment get another place, so neither can take the other's away. Within the hour an upload that failed half-way
/// is overwritten by its repeat, and leaves nothing.
/// </summary>
/// <param name="WorkspaceId">Owner.</param>
/// <param name="SourceId">Hash of the bytes.</param>
/// <param name="StoredAt">When its row was made, or will be.</param>
internal readonly record struct ImageKey(int WorkspaceId, string SourceId, DateTimeOffset StoredAt)
{
    /// <summary><c>WORKSPACE/yyyyMMdd/HH/ID</c>. An id that is none of ours never becomes a path.</summary>
    public string Path => SourceIds.IsOurs(SourceId)
        ? string.Create(CultureInfo.InvariantCulture, $"{WorkspaceId}/{StoredAt.UtcDateTime:yyyyMMdd'/'HH}/{SourceId}")
        : throw new ArgumentException("Not an id of this store.", nameof(SourceId));

    public static ImageKey Of(Image image) => new(image.WorkspaceId, image.SourceId, image.CreatedAt);
}
