using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using FleetManager.Agent.EventStore;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Contracts.Events;
using FleetManager.Contracts.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FleetManager.Agent.Tests.Fakes;

/// <summary>
/// The server as an agent sees it, on a real Kestrel and a real broker: it keeps what it takes, answers by the contracts, and fails on demand.
/// </summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentDictionary<string, string> _devices = new();
    private int _busy;

    private FakeServer(WebApplication web, FakeBroker broker) => (_web, Broker) = (web, broker);

    public FakeBroker Broker { get; }

    public Uri Address => new(_web.Urls.First());

    /// <summary>Token to the error that it gets; tokens that are not here are accepted.</summary>
    public Dictionary<string, int> RefusedTokens { get; } = [];

    public MqttAddress? MqttOverride { get; set; }

    /// <summary>Runs before the server does anything; true when it has answered itself.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    /// <summary>Runs after the server has done its work and before it answers; true to cut the connection instead.</summary>
    public Func<HttpContext, bool> CutAnswer { get; set; } = _ => false;

    /// <summary>What is wrong with an item; null when it is taken.</summary>
    public Func<JsonElement, ItemResult?> Judge { get; set; } = _ => null;

    /// <summary>What its clock says, in the <c>Date</c> of its answers.</summary>
    public Func<DateTimeOffset> Now { get; set; } = TimeProvider.System.GetUtcNow;

    /// <summary>How many batches came packed.</summary>
    public int Packed { get; private set; }

    /// <summary>Requests that it works on now.</summary>
    public int Busy => _busy;

    public DesiredSettings Desired { get; set; } = Documents.Of(revision: 0, "{}");

    /// <summary>What it holds: event id to the event.</summary>
    public ConcurrentDictionary<string, JsonElement> Events { get; } = new();

    public ConcurrentDictionary<string, byte[]> Images { get; } = new();

    public ConcurrentQueue<DeclaredLoss> Losses { get; } = new();

    /// <summary>What the device told of itself, repeats too.</summary>
    public ConcurrentQueue<DeviceHappening> DeviceEvents { get; } = new();

    public ConcurrentQueue<Envelope<JsonElement>> Reports { get; } = new();

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Sizes of the batches, refused ones too.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>How often the settings went out whole.</summary>
    public int SettingsSent { get; private set; }

    public int Uploads => Requests.Count(r => r == "POST /vision-events/upload");

    public static async Task<FakeServer> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default));
        var server = new FakeServer(builder.Build(), await FakeBroker.StartAsync());
        server._web.Run(server.AnswerAsync);
        await server._web.StartAsync(cancellationToken);
        return server;
    }

    public void AddDevice(string id, string key) => _devices[key] = id;

    public IReadOnlyList<long> HeldNumbers(Guid epoch) =>
        [.. Events.Values.Select(e => e.GetProperty("store")).Where(s => s.GetProperty("epoch").GetGuid() == epoch).Select(s => s.GetProperty("seq").GetInt64()).Order()];

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await Broker.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var route = $"{context.Request.Method} {context.Request.Path}";
        Requests.Enqueue(route);
        Interlocked.Increment(ref _busy);
        try
        {
            await AnswerAsync(context, route);
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }

    private async Task AnswerAsync(HttpContext context, string route)
    {
        context.Response.Headers.Date = Now().ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        if (await Before(context))
        {
            return;
        }

        if (route == "POST /agent/v1/enroll")
        {
            await EnrollAsync(context);
            return;
        }

        if (!_devices.ContainsKey(context.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal)))
        {
            await ErrorAsync(context, 401, "the device key is not known");
            return;
        }

        var answer = route switch
        {
            "GET /agent/v1/settings" => Settings(context),
            "GET /agent/v1/receipts" => Results.Json(Receipts(Guid.Parse(context.Request.Query["epoch"]!)), ContractsJson.Default.Receipts),
            "POST /agent/v1/report" => await TakeReportAsync(context),
            "POST /agent/v1/device-events" => await TakeDeviceEventsAsync(context),
            "POST /agent/v1/logs" => Results.NoContent(),
            "POST /agent/v1/losses" => await TakeLossesAsync(context),
            "POST /vision-events/upload" => await UploadAsync(context),
            "POST /vision-events/batch" => await BatchAsync(context),
            _ => Results.NotFound(),
        };
        if (CutAnswer(context))
        {
            context.Abort();
            return;
        }

        await answer.ExecuteAsync(context);
    }

    public static async Task ErrorAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new ErrorAnswer(error), ContractsJson.Default.ErrorAnswer);
    }

    private async Task EnrollAsync(HttpContext context)
    {
        var request = (await context.Request.ReadFromJsonAsync(ContractsJson.Default.EnrollRequest))!;
        if (RefusedTokens.TryGetValue(request.Token, out var status))
        {
            await ErrorAsync(context, status, $"token refused with {status}");
            return;
        }

        var id = _devices.GetOrAdd(request.DeviceKey, _ => DeviceId.New(TimeProvider.System).Value);
        Broker.Devices[id] = request.DeviceKey;
        if (CutAnswer(context))
        {
            context.Abort();
            return;
        }

        var answer = new EnrollAnswer(id, request.Name ?? "unnamed", "main", MqttOverride ?? Broker.Address);
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.EnrollAnswer);
    }

    private IResult Settings(HttpContext context)
    {
        var tag = $"\"{Desired.Revision}\"";
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        context.Response.Headers.ETag = tag;
        SettingsSent++;
        return Results.Json(Desired, ContractsJson.Default.DesiredSettings);
    }

    private Receipts Receipts(Guid epoch)
    {
        var held = new SeqSet(HeldNumbers(epoch).Select(n => new SeqRange(n, n)));
        return new Receipts(epoch, held.Ranges, []);
    }

    private async Task<IResult> TakeReportAsync(HttpContext context)
    {
        Reports.Enqueue((await context.Request.ReadFromJsonAsync(ContractsJson.Default.EnvelopeJsonElement))!);
        return Results.NoContent();
    }

    private async Task<IResult> TakeDeviceEventsAsync(HttpContext context)
    {
        foreach (var happening in (await context.Request.ReadFromJsonAsync(ContractsJson.Default.DeviceEventBatch))!.Events)
        {
            DeviceEvents.Enqueue(happening);
        }

        return Results.NoContent();
    }

    private async Task<IResult> TakeLossesAsync(HttpContext context)
    {
        var report = (await context.Request.ReadFromJsonAsync(ContractsJson.Default.LossReport))!;
        foreach (var loss in report.Losses)
        {
            Losses.Enqueue(loss);
        }

        return Results.NoContent();
    }

    private async Task<IResult> UploadAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        using var content = new MemoryStream();
        await form.Files.Single(f => f.Name == "file").CopyToAsync(content);
        var source = "src-" + Convert.ToHexStringLower(SHA256.HashData(content.ToArray()))[..12];
        Images[source] = content.ToArray();
        return Results.Json(new UploadAnswer(true, source, null), ContractsJson.Default.UploadAnswer, statusCode: 201);
    }

    private async Task<IResult> BatchAsync(HttpContext context)
    {
        Assert.Equal("true", context.Request.Query["partial"].ToString());
        var packed = context.Request.Headers.ContentEncoding == "gzip";
        Packed += packed ? 1 : 0;
        await using var stream = packed ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        using var body = await JsonDocument.ParseAsync(stream);
        var results = new List<ItemResult>();
        var items = body.RootElement.GetProperty("events").EnumerateArray().ToList();
        Batches.Enqueue(items.Count);
        foreach (var item in items)
        {
            var id = item.GetProperty("eventId").GetString()!;
            var replaced = Events.ContainsKey(id);
            var refused = Judge(item);
            if (refused is null)
            {
                Events[id] = item.Clone();
            }

            results.Add(refused ?? new ItemResult(id, replaced ? ItemStatus.Replaced : ItemStatus.Created));
        }

        var created = results.Where(r => r.Status != ItemStatus.Rejected).Select(r => r.EventId!).ToList();
        return Results.Json(new PartialBatchAnswer(created.Count, created, results), ContractsJson.Default.PartialBatchAnswer, statusCode: 201);
    }
}
