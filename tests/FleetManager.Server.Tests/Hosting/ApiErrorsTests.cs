using System.Net;
using FleetManager.Data.Tests.Databases;
using FleetManager.Server.Features.Events.Ingest;
using FleetManager.Server.Features.Images;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace FleetManager.Server.Tests.Hosting;

public sealed class ApiErrorsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, DatabaseData]
    public async Task Key_MissingWrongWithoutScopeOrInTheQuery_IsAnsweredAsTheReferenceDoes(DatabaseKind kind)
    {
        await using var fleet = await FleetApplication.StartAsync(kind);
        var useCase = await fleet.AddUseCaseAsync("Scopes");
        var body = $$"""{"eventType":"custom","useCaseId":"{{useCase}}"}""";
        using var nobody = fleet.ClientFor();
        using var stranger = fleet.ClientFor("fk_" + new string('a', 64));
        using var reader = await fleet.KeyClientAsync("vision-events:read");
        using var writer = await fleet.KeyClientAsync("vision-events:write");
        using var device = fleet.ClientFor((await fleet.AddDeviceAsync()).Secret);
        var inQuery = await fleet.MintKeyAsync();

        var table = new (Task<Answer> Answer, HttpStatusCode Status)[]
        {
            (nobody.PostJsonAsync("/vision-events", body), HttpStatusCode.Unauthorized),
            (stranger.PostJsonAsync("/vision-events", body), HttpStatusCode.Unauthorized),
            (nobody.GetForAnswerAsync("/vision-events/use-cases"), HttpStatusCode.Unauthorized),
            (nobody.GetForAnswerAsync("/agent/v1/receipts?epoch=" + Guid.NewGuid()), HttpStatusCode.Unauthorized),
            (nobody.GetForAnswerAsync("/vision-events/images/x"), HttpStatusCode.Unauthorized),
            (nobody.PostForAnswerAsync("/vision-events/upload", null), HttpStatusCode.Unauthorized),
            (reader.PostJsonAsync("/vision-events", body), HttpStatusCode.Forbidden),
            (reader.PostJsonAsync("/vision-events/batch", $$"""{"events":[{{body}}]}"""), HttpStatusCode.Forbidden),
            (reader.PostForAnswerAsync("/vision-events/upload", null), HttpStatusCode.Forbidden),
            (reader.PostJsonAsync("/vision-events/use-cases", """{"name":"x"}"""), HttpStatusCode.Forbidden),
            (reader.PutJsonAsync($"/vision-events/use-cases/{useCase}", """{"name":"x"}"""), HttpStatusCode.Forbidden),
            (reader.PostForAnswerAsync($"/vision-events/use-cases/{useCase}/archive", null), HttpStatusCode.Forbidden),
            (writer.PostJsonAsync("/vision-events/query", $$"""{"useCaseId":"{{useCase}}"}"""), HttpStatusCode.Forbidden),
            (writer.GetForAnswerAsync("/vision-events/use-cases"), HttpStatusCode.Forbidden),
            (device.PostJsonAsync("/vision-events/use-cases", """{"name":"x"}"""), HttpStatusCode.Forbidden),
            (device.GetForAnswerAsync("/vision-events/use-cases"), HttpStatusCode.Forbidden),
        };
        foreach (var (answer, status) in table)
        {
            Assert.Equal(status, (await answer).Status);
            Assert.NotEmpty((await answer).Error);
        }

        // Strangers write no log: it would be as long as they like.
        Assert.DoesNotContain(fleet.Logs.Entries, e => e.Contains("AuthenticationScheme", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.Created, (await device.PostJsonAsync("/vision-events", body)).Status);
        Assert.Equal(HttpStatusCode.Created, (await nobody.PostJsonAsync($"/vision-events?api_key={inQuery}", body)).Status);
    }

    [Fact]
    public async Task Route_ThatIsNotThereOrNotWithThatMethod_IsAnErrorObject()
    {
        await using var fleet = await FleetApplication.StartAsync();
        using var client = await fleet.KeyClientAsync();

        var missing = await client.GetForAnswerAsync("/vision-events/nowhere/at-all");
        var method = await client.PutJsonAsync("/vision-events/batch", "{}");
        var query = await client.PostJsonAsync("/vision-events/batch?partial=maybe", "{}");

        Assert.Equal(HttpStatusCode.NotFound, missing.Status);
        Assert.Contains("GET /vision-events/nowhere/at-all", missing.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.Status);
        Assert.Contains("POST is", method.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, query.Status);
        Assert.Contains("partial", query.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bug_InARoute_Is500WithoutDetailAndLogged()
    {
        await using var fleet = await FleetApplication.StartAsync(configure: host => host.ConfigureTestServices(
            services => services.AddSingleton<IImageStore, Images.BrokenStore>()));
        using var client = await fleet.KeyClientAsync();

        var answer = await client.PostForAnswerAsync("/vision-events/upload", Images.Pictures.Upload(Images.Pictures.Jpeg()));

        Assert.Equal(HttpStatusCode.InternalServerError, answer.Status);
        Assert.DoesNotContain("secret detail", answer.Text, StringComparison.Ordinal);
        Assert.Contains(fleet.Logs.Entries, e => e.Contains("secret detail", StringComparison.Ordinal));
        Assert.Equal(0, fleet.Service<IngestBudget>().Taken);
    }
}
