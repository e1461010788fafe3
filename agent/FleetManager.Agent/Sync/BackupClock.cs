using System.Globalization;
using FleetManager.Contracts.Settings;

namespace FleetManager.Agent.Sync;

/// <summary>Whether the backup may run at a moment, by its weekly windows in the device's local time.</summary>
internal static class BackupClock
{
    public static bool IsOpen(IReadOnlyList<BackupWindow> windows, DateTimeOffset local) => windows.Count == 0 || windows.Any(w => IsIn(w, local));

    private static bool IsIn(BackupWindow window, DateTimeOffset local)
    {
        var from = TimeOnly.ParseExact(window.From, "HH:mm", CultureInfo.InvariantCulture);
        var to = TimeOnly.ParseExact(window.To, "HH:mm", CultureInfo.InvariantCulture);
        var now = TimeOnly.FromTimeSpan(local.TimeOfDay);
        return from == to ? StartsOn(window, local.DayOfWeek)
            : from < to ? StartsOn(window, local.DayOfWeek) && now >= from && now < to
            // Past midnight: it started today, or it started yesterday and goes on.
            : (StartsOn(window, local.DayOfWeek) && now >= from) || (StartsOn(window, local.AddDays(-1).DayOfWeek) && now < to);
    }

    private static bool StartsOn(BackupWindow window, DayOfWeek day) =>
        window.Days.Count == 0 || window.Days.Contains(WindowsField.Days[((int)day + 6) % 7]);
}
