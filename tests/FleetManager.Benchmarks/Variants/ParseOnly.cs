using FleetManager.Benchmarks.Load;
using FleetManager.Contracts.Events;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Events.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace FleetManager.Benchmarks.Variants;

/// <summary>Takes a batch in with the server's own reader, before anything else of the server; what is left is HTTP, reading and checking.</summary>
internal sealed class ParseOnly(IngestBudget budget) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Map(Wire.Parse, parse => parse.Run(AnswerAsync));
        next(app);
    };

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = await RequestBody.ReadAsync(context.Request, EventLimits.BatchBodyBytes, budget, context.RequestAborted);
        var reader = new EventReader(TimestampWindow.Around(TimeProvider.System.GetUtcNow()), fromDevice: false);
        var items = BodyReader.ReadBatch(body.Bytes, reader, out var broken);
        context.Response.StatusCode = broken is null && items.All(i => i.Fault is null) ? StatusCodes.Status201Created : StatusCodes.Status400BadRequest;
    }
}
