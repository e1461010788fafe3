using System.Net;
using FleetManager.Contracts.Events;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Events;

/// <summary>Each refusal names the path and the reason, and leaves nothing behind.</summary>
public sealed class BadInputTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private const string UseCase = "bad input";

    // Members beside a good eventType and useCaseId, and what the refusal must say.
    public static TheoryData<string, string> Members { get; } = new()
    {
        { """ "eventId":5 """, "eventId: must be a string, but is a number." },
        { $""" "eventId":"{new string('x', 257)}" """, "eventId: has at most 256 characters, but this one has 257." },
        { """ "eventId":"a\u0000b" """, "eventId: holds the character NUL" },
        { """ "eventId":"\ud800" """, "eventId: holds half of a surrogate pair" },
        { """ "comment":"\udc00x" """, "comment: holds half of a surrogate pair" },
        { """ "timestamp":1711809000 """, "timestamp: must be a string, but is a number." },
        { """ "timestamp":"yesterday" """, "timestamp: must be an ISO 8601 time" },
        { """ "timestamp":"03/30/2026" """, "timestamp: must be an ISO 8601 time" },
        { """ "timestamp":"1970-01-01T00:00:00Z" """, "is outside the window from" },
        { """ "timestamp":"9999-12-31T00:00:00Z" """, "is outside the window from" },
        { """ "deviceId":{} """, "deviceId: must be a string, but is an object." },
        { """ "streamId":[] """, "streamId: must be a string, but is an array." },
        { """ "workflowId":true """, "workflowId: must be a string, but is a boolean." },
        { """ "displayImagePosition":"0" """, "displayImagePosition: must be a number" },
        { """ "displayImagePosition":1.5 """, "displayImagePosition: must be a whole number, but is 1.5." },
        { """ "displayImagePosition":-1 """, "displayImagePosition: must be an index" },
        { """ "eventData":[] """, "eventData: must be an object, but is an array." },
        { """ "eventData":{"value":5} """, "eventData.value: must be a string, but is a number." },
        { """ "eventData":{"value":"a","value":"b"} """, "eventData.value: is there twice." },
        { $$""" "eventData":{"value":"{{new string('x', 10_001)}}"} """, "eventData.value: has at most 10000" },
        { $$""" "eventData":{"externalId":"{{new string('x', 1001)}}"} """, "eventData.externalId: has at most 1000" },
        { """ "eventData":{"own":{"deep":["\ud800"]}} """, "eventData.own: holds half" },
        { """ "eventData":{"own":1e400} """, "eventData.own: is not a number that a double can hold" },
        { """ "eventData":{"own":1e-20000} """, "eventData.own: is not a number" },
        { """ "own":{"a":[1e999]} """, "own: is not a number" },
        { """ "\ud800":1 """, "holds half of a surrogate pair" },
        { """ "images":[{"objectDetections":[{"\ud800":1}]}] """, "holds half of a surrogate pair" },
        { """ "images":[{"keypoints":[{"keypoints":[{"\ud800":1}]}]}] """, "holds half of a surrogate pair" },
        { """ "customMetadata":[] """, "customMetadata: must be a flat object, but is an array." },
        { $$""" "customMetadata":{"a":{"b":"{{new string('x', 1000)}}"} } """, "customMetadata.a: is nested, and its JSON has 1008 characters" },
        { """ "customMetadata":{"a":["\ud800"]} """, "customMetadata.a: holds half of a surrogate pair" },
        { """ "customMetadata":{"a.b":1} """, "customMetadata: the key 'a.b' must have" },
        { """ "customMetadata":{"":1} """, "customMetadata: the key '' must have" },
        { """ "customMetadata":{"a":1,"a":2} """, "customMetadata.a: is there twice." },
        { $$""" "customMetadata":{"{{new string('k', 101)}}":1} """, "must have 1 to 100" },
        { $$""" "customMetadata":{"a":"{{new string('x', 1001)}}"} """, "customMetadata.a: has at most 1000" },
        { $$""" "customMetadata":{{{string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"k{i}\":1"))}}} """, "customMetadata: has more than 100 keys." },
        { """ "images":{} """, "images: must be an array, but is an object." },
        { """ "images":[[]] """, "images[0]: must be an object, but is an array." },
        { """ "images":[{"sourceId":1}] """, "images[0].sourceId: must be a string, but is a number." },
        { """ "images":[{},{"metadata":{"a":1,"a":2}}] """, "images[1].metadata.a: is there twice." },
        { """ "images":[{"objectDetections":{}}] """, "images[0].objectDetections: must be an array, but is an object." },
        { """ "images":[{"objectDetections":[{"x":1},{"x":"1"}]}] """, "images[0].objectDetections[1].x: must be a number, but is a string." },
        { """ "images":[{"classifications":[{"class":7}]}] """, "images[0].classifications[0].class: must be a string" },
        { """ "images":[{"instanceSegmentations":[{"points":[1,2]}]}] """, "images[0].instanceSegmentations[0].points: must be an array of [x, y] pairs" },
        { """ "images":[{"keypoints":[{"keypoints":[5]}]}] """, "images[0].keypoints[0].keypoints[0]: must be an object" },
        { $""" "images":[{string.Join(',', Enumerable.Repeat("{}", 101))}] """, "images: has more than 100 images." },
        { """ "deviceId":"a","deviceId":"b" """, "deviceId: is there twice." },
        { """ "useCaseId":"bad-input" """, "useCaseId: is there twice." },
        { """ "solution":"bad-input" """, "useCaseId: is there twice." },
        { """ "own":1,"own":2 """, "own: is there twice." },
        { """ "own":1,"o\u0077n":2 """, "own: is there twice." },
        { """ "images":[{"sourceId":"a","sourceId":"b"}] """, "images[0].sourceId: is there twice." },
        { """ "images":[{"own":1,"own":2}] """, "images[0].own: is there twice." },
        { $""" "deep":{string.Concat(Enumerable.Repeat("[", 40))}{string.Concat(Enumerable.Repeat("]", 40))} """, "depth of 32" },
    };

    public static TheoryData<string, string> Bodies { get; } = new()
    {
        { "", "The body is not valid JSON, line 1, position 1:" },
        { "{\n \"eventType\": \"custom\",\n oops }", "The body is not valid JSON, line 3, position 2:" },
        { """{"eventType":"custom"} x""", "The body is not valid JSON, line 1" },
        { """{"eventType":"custom" """, "The body is not valid JSON" },
        { "[]", "An event must be a JSON object." },
        { "null", "An event must be a JSON object." },
        { """{"useCaseId":"x"}""", "eventType: must be one of quality_check, inventory_count, safety_alert, custom, operator_feedback, but is missing." },
        { """{"eventType":"other"}""", "eventType: must be one of quality_check, inventory_count, safety_alert, custom, operator_feedback, but is 'other'." },
        { """{"eventType":null}""", "eventType: must be a string, but is null." },
    };

    public static TheoryData<string, string> Batches { get; } = new()
    {
        { "{}", "events: is missing" },
        { "[]", "must be a JSON object with 'events'" },
        { """{"events":{}}""", "events: must be an array, but is an object." },
        { """{"events":[{}]}""", "events[0].eventType: must be one of" },
        { """{"events":[3]}""", "events[0]: An event must be a JSON object." },
        { """{"events":[{]}""", "not valid JSON" },
        { """{"events":[],"events":[]}""", "events: is there twice." },
        { """{"\ud800":1}""", "holds half of a surrogate pair" },
    };

    // Members beside a good useCaseId.
    public static TheoryData<string, string> Queries { get; } = new()
    {
        { """ "cursor":"x" """, "cursor: is not a cursor of this server" },
        { """ "cursor":"AAAAAAAAAAAAAAAAAAAAAAA" """, "cursor: is not a cursor of this server" },
        { """ "cursor":"Af__________AAAAAAAAAAE" """, "cursor: is not a cursor of this server" },
        { $""" "cursor":"{new string('A', 300)}" """, "cursor: has at most 256 characters" },
        { """ "cursor":5 """, "cursor: must be a string, but is a number." },
        { """ "limit":0 """, "limit: must be from 1 to 1000, but is 0." },
        { """ "limit":1001 """, "limit: must be from 1 to 1000" },
        { """ "limit":1e400 """, "limit: is not a number" },
        { """ "limit":"5" """, "limit: must be a number, but is a string." },
        { """ "startTime":"soon" """, "startTime: must be an ISO 8601 time" },
        { """ "endTime":5 """, "endTime: must be a string" },
        { """ "eventType":"other" """, "eventType: must be one of" },
        { $""" "eventTypes":[{string.Join(',', Enumerable.Repeat("\"custom\"", 21))}] """, "eventTypes: has more than 20 strings" },
        { """ "deviceId":"cam" """, "deviceId: must be an object with operator and value" },
        { """ "deviceId":{"operator":"like","value":"x"} """, "deviceId.operator: must be eq or neq" },
        { """ "deviceId":{"operator":"eq"} """, "deviceId.value: is missing" },
        { """ "deviceId":{"operator":"eq","value":"a\u0000b"} """, "deviceId.value: holds the character NUL" },
        { """ "externalId":{"operator":"eq","value":"\ud800"} """, "externalId.value: holds half of a surrogate pair" },
        { $""" "own":{string.Concat(Enumerable.Repeat("[", 40))}{string.Concat(Enumerable.Repeat("]", 40))} """, "depth of 32" },
    };

    public static TheoryData<string, string> Deletions { get; } = new()
    {
        { "{", "The body is not valid JSON, line 1, position 2" },
        { "[]", "must be a JSON object with 'useCaseId' and 'eventIds'" },
        { """{"eventIds":[]}""", "useCaseId: is missing" },
        { """{"useCaseId":"bad-input"}""", "eventIds: is missing" },
        { """{"useCaseId":5,"eventIds":[]}""", "useCaseId: must be a string, but is a number." },
        { """{"useCaseId":"bad-input","eventIds":"a"}""", "eventIds: must be an array of ids" },
        { """{"useCaseId":"bad-input","eventIds":["a",1]}""", "eventIds[1]: must be a string" },
        { """{"useCaseId":"bad-input","eventIds":["a\u0000"]}""", "eventIds[0]: holds the character NUL" },
        { """{"useCaseId":"bad-input","eventIds":["a","\udc00"]}""", "eventIds[1]: holds half of a surrogate pair" },
        { $$"""{"useCaseId":"bad-input","eventIds":["{{new string('x', 257)}}"]}""", "eventIds[0]: has at most 256 characters" },
        { $$"""{"useCaseId":"bad-input","eventIds":[{{string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"e{i}\""))}}]}""", "eventIds: has more than 1000 ids" },
    };

    [Theory, DatabaseRows(nameof(Members))]
    public async Task Event_WithABadMember_Is400NamingPathAndReason(DatabaseKind kind, string member, string reason)
    {
        var (fleet, client, id) = await ReadyAsync(kind);

        var answer = await client.PostJsonAsync("/vision-events", $$"""{"eventType":"custom","useCaseId":"{{id}}",{{member}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseRows(nameof(Bodies))]
    public async Task Body_ThatIsNoEvent_Is400SayingWhere(DatabaseKind kind, string body, string reason)
    {
        var (fleet, client, _) = await ReadyAsync(kind);

        var answer = await client.PostJsonAsync("/vision-events", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
    }

    [Theory, DatabaseRows(nameof(Batches))]
    public async Task Batch_ThatIsNone_Is400SayingWhere(DatabaseKind kind, string body, string reason)
    {
        var (fleet, client, _) = await ReadyAsync(kind);

        var answer = await client.PostJsonAsync("/vision-events/batch", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseRows(nameof(Queries))]
    public async Task Query_ThatCanNotBeRead_Is400SayingWhere(DatabaseKind kind, string member, string reason)
    {
        var (fleet, client, id) = await ReadyAsync(kind);

        foreach (var route in new[] { "query", "count" })
        {
            var answer = await client.PostJsonAsync($"/vision-events/{route}", $$"""{"useCaseId":"{{id}}",{{member}}}""");
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        }

        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseRows(nameof(Deletions))]
    public async Task Deletion_ThatCanNotBeRead_Is400SayingWhere(DatabaseKind kind, string body, string reason)
    {
        var (fleet, client, _) = await ReadyAsync(kind);

        var answer = await client.PostJsonAsync("/vision-events/delete", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Batch_OfMoreThanHundred_Is400(DatabaseKind kind)
    {
        var (fleet, client, id) = await ReadyAsync(kind);
        var item = $$"""{"eventType":"custom","useCaseId":"{{id}}"}""";

        foreach (var query in new[] { "", "?partial=true" })
        {
            var answer = await client.PostJsonAsync("/vision-events/batch" + query, $$"""{"events":[{{string.Join(',', Enumerable.Repeat(item, 101))}}]}""");
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains("events: has more than 100 events", answer.Error, StringComparison.Ordinal);
        }

        await Leftovers.AssertNoneAsync(fleet);
    }

    [Theory, DatabaseData]
    public async Task Body_ThatIsNotUtf8_Is400(DatabaseKind kind)
    {
        var (_, client, _) = await ReadyAsync(kind);

        var answer = await client.PostForAnswerAsync("/vision-events", new ByteArrayContent([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)'}']));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("not UTF-8", answer.Error, StringComparison.Ordinal);
    }

    [Theory, DatabaseData]
    public async Task Body_DeclaredOverTheLimit_IsNotSentByAClientThatAsksFirst(DatabaseKind kind)
    {
        var (_, client, _) = await ReadyAsync(kind);
        var body = new UnreadContent(EventLimits.BatchBodyBytes + 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/vision-events/batch") { Content = body };
        request.Headers.ExpectContinue = true;

        var answer = await client.SendForAnswerAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.False(body.WasRead);
    }

    private async Task<(FleetApplication Fleet, HttpClient Client, string UseCase)> ReadyAsync(DatabaseKind kind)
    {
        var fleet = await fixture.OnAsync(kind);
        await fleet.Service<Features.UseCases.UseCaseService>().CreateAsync(fleet.Workspace.Id, UseCase, "ann", TestContext.Current.CancellationToken);
        return (fleet, await fleet.KeyClientAsync(), "bad-input");
    }

    /// <summary>Says how long it is and notes whether anybody wants it.</summary>
    private sealed class UnreadContent(long length) : HttpContent
    {
        public bool WasRead { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            WasRead = true;
            return Task.CompletedTask;
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
