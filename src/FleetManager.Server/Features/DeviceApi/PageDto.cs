using FleetManager.Server.Features.DeviceHistory;

namespace FleetManager.Server.Features.DeviceApi;

/// <summary>A page of rows, the newest first.</summary>
/// <param name="Data">The rows.</param>
/// <param name="Pagination">How to go on.</param>
internal sealed record PageDto<T>(IReadOnlyList<T> Data, PaginationDto Pagination)
{
    /// <summary>Makes a page of rows that were read with one more than the limit.</summary>
    public static PageDto<T> Of<TRow>(List<TRow> read, int limit, Func<TRow, T> show, Func<TRow, RowCursor> place)
    {
        var hasMore = read.Count > limit;
        var rows = hasMore ? read[..limit] : read;
        return new PageDto<T>([.. rows.Select(show)], new PaginationDto(hasMore ? place(rows[^1]).ToString() : null, hasMore, limit));
    }
}

/// <param name="NextCursor">An ISO time: send it as <c>cursor</c> for the page after this one; null on the last page.</param>
/// <param name="HasMore">Whether there is one.</param>
/// <param name="Limit">Most rows of a page.</param>
internal sealed record PaginationDto(string? NextCursor, bool HasMore, int Limit);
