using System.Net.Http.Json;
using System.Text.Json;
using FleetManager.Benchmarks.Events;
using FleetManager.Benchmarks.Load;

namespace FleetManager.Benchmarks.Hosting;

/// <summary>A server with the use cases and images that the events name.</summary>
/// <param name="Server">The server.</param>
/// <param name="Postgres">Where its database runs; null for SQLite.</param>
/// <param name="Images">Ids of images that were uploaded.</param>
internal sealed record Site(FleetServer Server, PostgresServer? Postgres, IReadOnlyList<string> Images)
{
    private const int ImageCount = 20;
    private const int ImageBytes = 10_000;

    public static async Task<Site> PrepareAsync(FleetServer server, PostgresServer? postgres, CancellationToken cancellationToken)
    {
        using var http = server.NewClient();
        for (var i = 0; i < SampleEvents.UseCases; i++)
        {
            using var created = await http.PostAsJsonAsync(Wire.UseCases, new { name = SampleEvents.UseCase(i) }, cancellationToken);
            created.EnsureSuccessStatusCode();
        }

        var images = new string[ImageCount];
        for (var i = 0; i < ImageCount; i++)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(SampleImages.Create(ImageBytes)), "file", "image.jpg" } };
            using var uploaded = await http.PostAsync(Wire.Upload, form, cancellationToken);
            uploaded.EnsureSuccessStatusCode();
            images[i] = (await uploaded.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("sourceId").GetString()!;
        }

        return new Site(server, postgres, images);
    }
}
