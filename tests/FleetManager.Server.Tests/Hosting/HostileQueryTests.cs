using FleetManager.Data.Tests.Databases;

namespace FleetManager.Server.Tests.Hosting;

/// <summary>Whatever stands in a path or in a query: an answer below 500, on a bare socket, since clients mend what they are given.</summary>
public sealed class HostileQueryTests(FleetFixture fixture) : IClassFixture<FleetFixture>
{
    private static readonly string[] s_values =
        ["%00", "a%00b", "%ED%A0%80", "%FF%FE", "%F0%9F%98%80", "'%3B--", "%25", "-1", "0", "99999999999999999999", "1e999", "NaN", "..%2F..%2Fetc", "%0D%0AX-Evil:%201", new string('9', 3000), ""];

    public static TheoryData<string> Routes { get; } =
    [
        "GET /vision-events/use-cases?status={}",
        "GET /vision-events/use-cases?{}={}",
        "PUT /vision-events/use-cases/{}",
        "POST /vision-events/use-cases/{}/archive",
        "POST /vision-events/batch?partial={}",
        "POST /vision-events/bundle?useCaseId={}",
        "GET /vision-events/images/{}",
        "GET /{}",
        "GET /{}/devices/v2",
        "GET /default/devices/v2/{}",
        "GET /default/devices/v2/{}/config",
        "GET /default/devices/v2/{device}/config/history?limit={}&cursor={}",
        "GET /default/devices/v2/{device}/logs?service={}&severity={}",
        "GET /default/devices/v2/{device}/logs?start_time={}&cursor={}",
        "GET /default/devices/v2/{device}/telemetry?time_period={}",
        "GET /default/devices/v2/{device}/events?entity_type={}&entity_id={}&event={}",
        "GET /default/devices/v2/{device}/events?cursor={}&direction={}",
        "GET /devices/v2/{}/install.sh",
        "GET /api/v1/devices?search={}",
        "GET /api/v1/devices?sort={}",
        "GET /api/v1/devices?skip={}&take={}",
        "GET /api/v1/devices/{}",
        "GET /api/v1/devices/{}/settings",
        "POST /api/v1/devices/{}/revoke",
        "GET /api/v1/api-keys/{}",
        "GET /api/v1/use-cases/{}/histogram",
        "GET /api/v1/use-cases/hostile/histogram?from={}&to={}&bucket={}",
        "GET /api/v1/use-cases/hostile/facets?field={}&top={}",
        "GET /agent/v1/receipts?epoch={}",
        "GET /vision-events/use-cases?api_key={}",
        "GET /w/{}/images/{}",
    ];

    [Theory, DatabaseRows(nameof(Routes))]
    public async Task Value_OfAnyKind_IsAnsweredAndNeverAFault(DatabaseKind kind, string route)
    {
        var fleet = await fixture.OnAsync(kind);
        await fleet.Service<Features.UseCases.UseCaseService>().CreateAsync(fleet.Workspace.Id, "hostile", "ann", TestContext.Current.CancellationToken);
        var camera = await fleet.AddDeviceAsync();
        var key = route.Contains("/agent/", StringComparison.Ordinal) ? camera.Secret : await fleet.MintKeyAsync();
        foreach (var value in s_values)
        {
            using var connection = await RawConnection.OpenAsync(fleet);
            var line = route.Replace("{device}", camera.Id.Value, StringComparison.Ordinal).Replace("{}", value, StringComparison.Ordinal);

            await connection.SendAsync($"{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");

            var answer = await connection.ReadAsync();
            Assert.True(answer.Status < 500, $"{line}: {answer.Status} {answer.Body}");
            Assert.DoesNotContain("\r\nX-Evil", answer.Head, StringComparison.OrdinalIgnoreCase);
        }

        await Leftovers.AssertNoneAsync(fleet);
    }
}
