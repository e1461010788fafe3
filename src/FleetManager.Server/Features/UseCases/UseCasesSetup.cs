namespace FleetManager.Server.Features.UseCases;

internal static class UseCasesSetup
{
    public static void AddUseCases(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UseCaseDirectory>();
        builder.Services.AddSingleton<UseCaseService>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, UseCasesJson.Default));
    }
}
