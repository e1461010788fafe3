namespace FleetManager.Server.Features.UseCases;

internal static class UseCasesSetup
{
    public static void AddUseCases(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UseCaseDirectory>();
        builder.Services.AddSingleton<UseCaseService>();
    }
}
