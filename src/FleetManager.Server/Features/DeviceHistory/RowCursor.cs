using System.Globalization;
using FleetManager.Server.Features.Events.Reading;

namespace FleetManager.Server.Features.DeviceHistory;

/// <summary>
/// Where a page of rows that go by time ended. The reference's cursor is an ISO time, and many rows may share one; so behind the seven
/// digits that a time has here, nineteen more number the row. A plain time is a cursor too: what is older than it.
/// </summary>
internal readonly record struct RowCursor(DateTimeOffset At, long Key)
{
    private const string Seconds = "yyyy-MM-dd'T'HH:mm:ss.fffffff";
    private const int SecondsLength = 27;
    private const int KeyLength = 19;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.UtcDateTime.ToString(Seconds, CultureInfo.InvariantCulture)}{Key:D19}Z");

    public static bool TryParse(string text, out RowCursor cursor)
    {
        if (text.Length == SecondsLength + KeyLength + 1
            && text[^1] == 'Z'
            && long.TryParse(text.AsSpan(SecondsLength, KeyLength), NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            && DateTimeOffset.TryParseExact(
                text[..SecondsLength], Seconds, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            cursor = new RowCursor(at, key);
            return true;
        }

        var isTime = TimestampWindow.TryParse(text, out var plain);
        cursor = new RowCursor(plain, 0);
        return isTime;
    }
}
