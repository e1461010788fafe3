namespace FleetManager.Server.Features.AirGap;

internal static class ImportsSetup
{
    public static void AddImports(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ImportService>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ImportsJson.Default));
    }
}
