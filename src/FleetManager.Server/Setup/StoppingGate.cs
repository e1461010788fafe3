namespace FleetManager.Server.Setup;

/// <summary>
/// Refuses what arrives after the stop began. Consoles whose circuit was just closed connect again at once, while Kestrel still listens; each
/// such circuit would hold the stop up until the shutdown timeout.
/// </summary>
internal static class StoppingGate
{
    public static void UseStoppingGate(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        app.Use((context, next) =>
        {
            if (!stopping.IsCancellationRequested)
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });
    }
}
