using System.Globalization;
using System.Text.Json;
using FleetManager.Agent.EventStore;

namespace FleetManager.Agent.LocalApi;

/// <summary>What the server refused for good: look at it, try it again, or give it up as a declared loss.</summary>
internal sealed class ParkedApi(DeviceStore store, BodyReader bodies)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const int CodeLength = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2/parked", (RequestDelegate)ListAsync);
        routes.MapPost("/v2/parked/retry", (RequestDelegate)RetryAsync);
        routes.MapPost("/v2/parked/discard", (RequestDelegate)DiscardAsync);
    }

    /// <summary>Parked events in the order of their numbers, and how many there are for each reason.</summary>
    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryReader(context.Request.Query, "limit", "cursor", "code");
        var (limit, after, code) = (query.Limit(DefaultLimit, MaxLimit), query.Cursor(0), query.Text("code"));
        if (query.Fault is { } fault)
        {
            await Answer.FaultAsync(context, fault);
            return;
        }

        var (parked, stats) = (store.Parked(code, after, limit), store.Stats());
        await Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteNumber("parked_records", stats.Parked);
            json.WriteStartArray("parked_reasons");
            foreach (var reason in stats.ParkedReasons)
            {
                json.WriteStartObject();
                json.WriteString("code", reason.Code);
                json.WriteString("message", reason.Message);
                json.WriteNumber("count", reason.Count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("parked");
            foreach (var one in parked)
            {
                json.WriteStartObject();
                json.WriteString("id", one.Id);
                json.WriteNumber("seq", one.Seq);
                json.WriteString("code", one.Code);
                json.WriteString("message", one.Message);
                json.WriteString("parked_at", one.At);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("next_cursor", parked.Count == limit ? parked[^1].Seq.ToString(CultureInfo.InvariantCulture) : null);
        });
    }

    /// <summary>Makes parked events pending again.</summary>
    private Task RetryAsync(HttpContext context) => ChooseAsync(context, "retried", store.RetryParkedAsync, store.RetryParkedAsync);

    /// <summary>Deletes parked events and declares them lost.</summary>
    private Task DiscardAsync(HttpContext context) => ChooseAsync(context, "discarded", store.DiscardParkedAsync, store.DiscardParkedAsync);

    private Task ChooseAsync(
        HttpContext context,
        string done,
        Func<string?, CancellationToken, Task<long>> byCodeAsync,
        Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<string>>> byIdsAsync) => bodies.ReadJsonAsync(context, IdList.MostBytes, async body =>
        {
            if (Choice(body, out var ids, out var code) is { } fault)
            {
                await Answer.FaultAsync(context, fault);
                return;
            }

            var unknown = ids.Count > 0 ? await byIdsAsync(ids, CancellationToken.None) : [];
            var count = ids.Count > 0 ? ids.Count - unknown.Count : await byCodeAsync(code, CancellationToken.None);
            await Answer.JsonAsync(context, StatusCodes.Status200OK, json =>
            {
                json.WriteNumber(done, count);
                IdList.Write(json, "not_found", unknown);
            });
        });

    // All of them only when somebody says so: an empty body is more often a mistake.
    private static EventFault? Choice(JsonElement body, out List<string> ids, out string? code)
    {
        (ids, code) = ([], null);
        var members = new EventMembers(body, "");
        if ((members.Fault ?? members.Text("code", CodeLength, out code)) is { } fault)
        {
            return fault;
        }

        var (hasIds, isAll) = (members.TryGet("ids", out var list), members.TryGet("all", out var all) && all.ValueKind == JsonValueKind.True);
        if ((hasIds ? 1 : 0) + (code is null ? 0 : 1) + (isAll ? 1 : 0) != 1)
        {
            return EventFault.Invalid("the body", "must say which parked events: {\"ids\":[…]}, {\"code\":\"…\"} or {\"all\":true}");
        }

        return hasIds ? IdList.Read(list, ids) : null;
    }
}
