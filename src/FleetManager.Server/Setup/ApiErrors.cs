using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Data;
using FleetManager.Server.Features.DeviceApi;
using FleetManager.Server.Features.Keys;
using Microsoft.AspNetCore.Diagnostics;

namespace FleetManager.Server.Setup;

/// <summary>
/// Whatever goes wrong on a REST route is answered as <c>{"error":"…"}</c> (vision-events.md 12): bad requests say what is wrong, a database
/// that is away asks to come again, and a bug is logged and tells nothing of itself. Pages have an error page of their own.
/// </summary>
internal sealed partial class ApiErrors(ILogger<ApiErrors> logger) : IExceptionHandler
{
    private const int BusySeconds = 1;
    private const int DatabaseSeconds = 5;

    private static readonly string[] s_roots = ["/vision-events", "/agent", "/api", "/devices", "/openapi"];

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsApi(context))
        {
            return false;
        }

        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        await AnswerAsync(context, Describe(exception), cancellationToken);
        return true;
    }

    public static bool IsApi(HttpContext context) =>
        Array.Exists(s_roots, root => context.Request.Path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase))
        || DeviceApiSetup.IsDevicePath(context.Request.Path)
        || KeyAuthentication.KeyOf(context.Request) is not null;

    private (int Status, string Error, int? RetryAfter) Describe(Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                return (bad.StatusCode, bad.Message, null);
            case BusyException busy:
                if (busy.InnerException is { } cause)
                {
                    Log.Failing(logger, cause);
                }

                return (StatusCodes.Status503ServiceUnavailable, busy.Message, BusySeconds);
            case TooSlowException slow:
                return (StatusCodes.Status503ServiceUnavailable, slow.Message, DatabaseSeconds);
            case var fault when DatabaseFaults.IsConflict(fault):
                return (StatusCodes.Status503ServiceUnavailable, "Others change the same data at this moment. Send the request again later.", BusySeconds);
            case var fault when DatabaseFaults.IsUnavailable(fault):
                Log.DatabaseAway(logger, fault);
                return (StatusCodes.Status503ServiceUnavailable, "The database does not answer. Send the request again later.", DatabaseSeconds);
            default:
                Log.Bug(logger, exception);
                return (StatusCodes.Status500InternalServerError, "The server failed. The reason is in its log.", null);
        }
    }

    private static Task AnswerAsync(HttpContext context, (int Status, string Error, int? RetryAfter) answer, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (answer.Status == StatusCodes.Status413PayloadTooLarge)
        {
            // The rest of the body is not wanted, and nothing else can come on this connection before it.
            context.Response.Headers.Connection = "close";
        }

        return context.Response.WriteAsJsonAsync(new ErrorAnswer(answer.Error), ContractsJson.Default.ErrorAnswer, cancellationToken: cancellationToken);
    }

    /// <summary>Answers that carry no body yet: no such route, wrong method, a route value that can not be read.</summary>
    internal static Task AnswerEmptyAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var error = http.Response.StatusCode switch
        {
            StatusCodes.Status401Unauthorized => "This page is for people who sign in; a key opens the REST routes only.",
            StatusCodes.Status404NotFound => $"There is no {http.Request.Method} {http.Request.Path} here.",
            StatusCodes.Status405MethodNotAllowed => $"{http.Request.Method} is not possible on {http.Request.Path}; {http.Response.Headers.Allow} is.",
            StatusCodes.Status415UnsupportedMediaType => $"The content type '{http.Request.ContentType}' can not be read here.",
            _ => $"The request was refused with status {http.Response.StatusCode}.",
        };
        return AnswerAsync(http, (http.Response.StatusCode, error, null), http.RequestAborted);
    }

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Error, "A request failed: a fault of this program")]
        public static partial void Bug(ILogger logger, Exception fault);

        [LoggerMessage(1103, LogLevel.Error, "A request was turned away: something that the server stands on fails")]
        public static partial void Failing(ILogger logger, Exception fault);

        [LoggerMessage(1102, LogLevel.Warning, "A request was turned away: the database does not answer")]
        public static partial void DatabaseAway(ILogger logger, Exception fault);
    }
}

internal static class ApiErrorsSetup
{
    public static void AddApiErrors(this IHostApplicationBuilder builder)
    {
        builder.Services.AddExceptionHandler<ApiErrors>();
        // Both print request lines, and with them the key of a caller who sends it as ?api_key=.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Warning);
        builder.Services.PostConfigure<LoggerFilterOptions>(KeepRequestLinesQuiet);
        // So that a query value that can not be read is answered with its name, not with a bare status.
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default));
    }

    /// <summary>Goes before everything else, so that nothing escapes it.</summary>
    public static void UseApiErrors(this IApplicationBuilder app) => app.UseWhen(ApiErrors.IsApi, api =>
    {
        api.UseExceptionHandler(_ => { });
        api.UseStatusCodePages(ApiErrors.AnswerEmptyAsync);
    });

    // A log level in the configuration must not bring them back.
    private static void KeepRequestLinesQuiet(LoggerFilterOptions options)
    {
        foreach (var category in new[] { "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel.BadRequests" })
        {
            foreach (var rule in options.Rules.Where(r => r.CategoryName == category).ToList())
            {
                options.Rules.Remove(rule);
            }

            foreach (var provider in options.Rules.Select(r => r.ProviderName).Distinct().ToList())
            {
                options.Rules.Add(new LoggerFilterRule(provider, category, LogLevel.Warning, null));
            }

            options.Rules.Add(new LoggerFilterRule(null, category, LogLevel.Warning, null));
        }
    }
}
