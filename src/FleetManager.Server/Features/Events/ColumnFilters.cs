using System.Globalization;
using System.Linq.Expressions;
using FleetManager.Data;
using FleetManager.Data.Events;
using Microsoft.EntityFrameworkCore;

namespace FleetManager.Server.Features.Events;

/// <summary>Predicates on columns of an event; both databases compare these texts by code points.</summary>
internal static class ColumnFilters
{
    public static Expression<Func<VisionEvent, bool>> Text(FieldFilter filter)
    {
        var column = filter.Test.Member!;
        var texts = filter.Test.Values.Select(v => v.Text).ToList();
        var text = texts.FirstOrDefault("");
        return (filter.Test.Operator, filter.Negated) switch
        {
            (JsonOperator.In, false) => e => texts.Contains(EF.Property<string>(e, column)),
            (JsonOperator.In, true) => e => !texts.Contains(EF.Property<string>(e, column)),
            (JsonOperator.Exists, false) => e => EF.Property<string?>(e, column) != null,
            (JsonOperator.Exists, true) => e => EF.Property<string?>(e, column) == null,
            (JsonOperator.Contains, _) => e => EF.Property<string>(e, column).Contains(text),
            // The databases translate this form of a comparison and no other.
#pragma warning disable CA1309, CA1310
            (JsonOperator.Greater, _) => e => string.Compare(EF.Property<string>(e, column), text) > 0,
            (JsonOperator.AtLeast, _) => e => string.Compare(EF.Property<string>(e, column), text) >= 0,
            (JsonOperator.Less, _) => e => string.Compare(EF.Property<string>(e, column), text) < 0,
            (_, _) => e => string.Compare(EF.Property<string>(e, column), text) <= 0,
#pragma warning restore CA1309, CA1310
        };
    }

    public static Expression<Func<VisionEvent, bool>> ImageCount(FieldFilter filter)
    {
        var numbers = filter.Test.Values.Select(v => double.Parse(v.Text, CultureInfo.InvariantCulture)).ToList();
        var number = numbers.FirstOrDefault();
        return (filter.Test.Operator, filter.Negated) switch
        {
            (JsonOperator.In, false) => e => numbers.Contains(e.ImageCount),
            (JsonOperator.In, true) => e => !numbers.Contains(e.ImageCount),
            (JsonOperator.Greater, _) => e => e.ImageCount > number,
            (JsonOperator.AtLeast, _) => e => e.ImageCount >= number,
            (JsonOperator.Less, _) => e => e.ImageCount < number,
            _ => e => e.ImageCount <= number,
        };
    }
}
