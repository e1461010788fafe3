namespace FleetManager.Server.Features.Images;

internal static class ImagesSetup
{
    public static void AddImages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ImageDirectory>();
        builder.Services.AddSingleton<IImageStore, FileImageStore>();
        builder.Services.AddSingleton<ImageService>();
    }
}
