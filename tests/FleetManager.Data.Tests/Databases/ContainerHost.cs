using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using Testcontainers.PostgreSql;

namespace FleetManager.Data.Tests.Databases;

/// <summary>PostgreSQL in a container. <c>POSTGRES_IMAGE</c> names another image.</summary>
internal sealed class ContainerHost(PostgreSqlContainer container) : IPostgresHost
{
    private static readonly Version s_newestApi = new(1, 44);

    public string Connection => container.GetConnectionString();

    public static async Task<(ContainerHost? Host, string? WhyNot)> TryStartAsync()
    {
        var api = await Shell.TryReadAsync("docker", "version", "--format", "{{.Server.APIVersion}}");
        if (!Version.TryParse(api, out var version))
        {
            return (null, "no Docker daemon answers");
        }

        if (version < s_newestApi)
        {
            // The client asks for a newer API than an old daemon speaks, and takes the refusal for no daemon at all.
            Environment.SetEnvironmentVariable("DOCKER_API_VERSION", api);
        }

        // The reaper is one more image to fetch; the fixture removes the container itself.
        TestcontainersSettings.ResourceReaperEnabled = false;
        var image = Environment.GetEnvironmentVariable("POSTGRES_IMAGE") ?? "postgres:17";
        if (await Shell.TryReadAsync("docker", "image", "inspect", "--format", "found", image) is null
            && await Shell.TryReadAsync("docker", "pull", "--quiet", image) is null)
        {
            return (null, $"the image {image} can not be pulled");
        }

        var container = new PostgreSqlBuilder(image).WithCommand("-c", "fsync=off", "-c", "max_connections=300").Build();
        try
        {
            await container.StartAsync();
            return (new ContainerHost(container), null);
        }
        catch (Exception fault) when (fault is DockerUnavailableException or TimeoutException)
        {
            await container.DisposeAsync();
            return (null, $"the container did not start: {fault.Message}");
        }
    }

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
