using FleetManager.Server.Features.Images.Renditions;
using FleetManager.Server.Features.Images.S3;
using FleetManager.Server.Setup;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images;

internal static class ImagesSetup
{
    public static void AddImages(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IncomingFolder>();
        services.AddSingleton<IImageStore>(s => s.GetRequiredService<IOptions<FleetOptions>>().Value.Images.Store == ImageOptions.S3
            ? ActivatorUtilities.CreateInstance<S3ImageStore>(s)
            : ActivatorUtilities.CreateInstance<FileImageStore>(s));
        services.AddSingleton<ImageDirectory>();
        services.AddSingleton<ImageService>();
        services.AddSingleton<ImageServing>();
        services.AddSingleton<ImageRetention>();
        services.AddSingleton<ImageLinks>();
        services.AddSingleton<RenderProcess>();
        services.AddSingleton<RenditionCache>();
        services.AddSingleton<RenditionService>();
        builder.Logging.AddFilter(typeof(ImageLinkAuthentication).FullName, LogLevel.Warning);
        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, ImageLinkAuthentication>(ImageLinkAuthentication.SchemeName, null)
            .AddPolicyScheme(ImageLinkAuthentication.OrKey, null, o => o.ForwardDefaultSelector = ImageLinkAuthentication.Choose);
    }
}
