namespace FleetManager.Server.Features.Receipts;

internal static class ReceiptsSetup
{
    public static void AddReceipts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ReceiptService>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ProofJson.Default));
    }
}
