using System.Net;
using System.Text.Json.Nodes;
using FleetManager.Server.Tests.Hosting;
using Microsoft.AspNetCore.Hosting;

namespace FleetManager.Server.Tests.DeviceApi;

/// <summary>Servers whose logs may be read as often as a test likes; the limit has a test of its own.</summary>
public sealed class DeviceFleets : FleetFixture
{
    public const string Root = "/default/devices/v2";

    protected override void Configure(IWebHostBuilder host) => host.UseSetting("Fleet:Devices:LogReadsPerMinute", "100000");

    internal static async Task<(string DeviceId, string InstallId)> CreateAsync(HttpClient client, string body = """{"device_name":"Press 4"}""")
    {
        var answer = await client.PostJsonAsync(Root, body);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return ((string)answer.Json["deviceId"]!, (string)answer.Json["installId"]!);
    }

    internal static async Task<JsonNode> GetAsync(HttpClient client, string path)
    {
        var answer = await client.GetForAnswerAsync(path);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{path}: {answer.Status} {answer.Text}");
        return answer.Json;
    }
}
