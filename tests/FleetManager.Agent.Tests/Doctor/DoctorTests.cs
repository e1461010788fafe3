using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using FleetManager.Agent.Control;
using FleetManager.Agent.Doctor;
using FleetManager.Agent.Platform;
using FleetManager.Agent.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace FleetManager.Agent.Tests.Doctor;

/// <summary>Each leg that can be broken is broken, and the doctor names that leg and what to do.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private AgentFixture _fixture = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string IdentityFile => Path.Combine(_fixture.Folder, Identity.FileName);

    public async ValueTask InitializeAsync() => _fixture = await AgentFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Agent_ThatRuns_IsHealthyAndStaysConnected()
    {
        await _fixture.EnrollAsync();
        await _fixture.SendAsync(Documents.Of(1, $$$"""{"eventStore":{"port":{{{_fixture.Port}}},"minFreeDiskBytes":0}}"""));
        await _fixture.StartAsync();
        await _fixture.ReportedAsync(r => r.Revision == 1);

        var report = await ExamineAsync();

        Assert.True(report.Healthy, Text(report));
        Assert.Equal(
            ["data directory", "free space", "inodes", "enrollment", "agent", "local API", "event store", "backup", "server DNS", "server TCP", "server TLS", "REST", "clock", "broker DNS", "broker TCP", "broker TLS", "MQTT"],
            report.Findings.Select(f => f.Check));
        Assert.Single(_fixture.Server.Broker.Messages, m => m.Topic.EndsWith("/up/presence", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Agent_ThatDoesNotRun_IsLookedAtInItsPlace()
    {
        await _fixture.EnrollAsync();

        var report = await ExamineAsync();

        Assert.True(report.Healthy, Text(report));
        Assert.Equal((Verdict.Warning, Verdict.Ok), (Of(report, "agent").Verdict, Of(report, "MQTT").Verdict));
        Assert.Contains("none yet", Of(report, "event store").Found, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_fixture.Folder, "store")));
    }

    [Fact]
    public async Task Directory_ThatIsNotThereOrNotEnrolled_EndsTheExamination()
    {
        var missing = await new Examination(Path.Combine(_fixture.Folder, "nowhere"), TimeProvider.System).RunAsync(Token);
        Failed(missing, "data directory", "is not there");
        Assert.Single(missing.Findings);

        Failed(await ExamineAsync(), "enrollment", "no device is enrolled");
        await File.WriteAllTextAsync(IdentityFile, "{", Token);
        Failed(await ExamineAsync(), "enrollment", "can not be read");
    }

    [Fact]
    public async Task Server_ThatIsAway_IsFoundAtTheFirstStepThatFails()
    {
        await _fixture.EnrollAsync();
        var closed = new Uri($"http://127.0.0.1:{FakeBroker.FreePort()}");
        Change(i => i with { Server = closed.AbsoluteUri });

        var report = await ExamineAsync();

        Failed(report, "server TCP", $"{closed.Port} can not be reached");
        Assert.Equal((Verdict.Skipped, Verdict.Skipped, Verdict.Ok), (Of(report, "REST").Verdict, Of(report, "clock").Verdict, Of(report, "MQTT").Verdict));

        Change(i => i with { Server = "http://no-such-host.invalid/" });
        Failed(await ExamineAsync(), "server DNS", "no-such-host.invalid");
    }

    [Fact]
    public async Task Server_ThatIsAnother_OrKnowsTheKeyNoMore_IsTold()
    {
        await _fixture.EnrollAsync();
        _fixture.Server.Before = async context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("nginx");
            return true;
        };
        Failed(await ExamineAsync(), "REST", "is not a FleetManager server");

        _fixture.Server.Before = _ => Task.FromResult(false);
        Change(i => i with { DeviceKey = "fd_revoked" });
        var report = await ExamineAsync();
        Failed(report, "REST", "does not take this device's key");
        Failed(report, "MQTT", "refused the device");
    }

    [Theory]
    [InlineData(0, "Ok")]
    [InlineData(120, "Warning")]
    [InlineData(-86_400, "Failed")]
    public async Task Clock_ThatIsOff_IsToldWithTheOffset(int seconds, string expected)
    {
        await _fixture.EnrollAsync();
        _fixture.Server.Before = context =>
        {
            context.Response.Headers.Date = TimeProvider.System.GetUtcNow().AddSeconds(-seconds).ToString("R");
            return Task.FromResult(false);
        };

        var clock = Of(await ExamineAsync(), "clock");

        Assert.Equal(expected, clock.Verdict.ToString());
        Assert.True(expected == "Ok" || clock.Found.Contains(seconds > 0 ? "ahead of" : "behind", StringComparison.Ordinal), clock.Found);
    }

    [Fact]
    public async Task Tls_ThatCanNotBeTrusted_IsToldWithTheReason()
    {
        await _fixture.EnrollAsync();
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(90));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeTlsAsync(listener, certificate);
        Change(i => i with { Server = $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/" });

        var report = await ExamineAsync();

        Failed(report, "server TLS", "can not be trusted");
        Assert.NotNull(Of(report, "server TLS").Advice);
        await serving;
    }

    [Fact]
    public async Task Port_ThatIsTaken_AndSpaceThatIsShort_AreTold()
    {
        await _fixture.EnrollAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using (var directory = DataDirectory.Take(_fixture.Folder))
        {
            var settings = new SettingsService(new SettingsSlots(directory), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            await settings.ApplyAsync(Documents.Of(1, $$$"""{"eventStore":{"port":{{{((IPEndPoint)other.LocalEndpoint).Port}}},"minFreeDiskBytes":1125899906842624}}"""), Token);
        }

        var report = await ExamineAsync();

        Failed(report, "local API", "can not be listened on");
        Failed(report, "free space", "new events are refused");
    }

    [Fact]
    public async Task Files_OfAnotherUser_AreTold()
    {
        await _fixture.EnrollAsync();
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "only root can give a file away");
        using var chown = System.Diagnostics.Process.Start("chown", ["12345", IdentityFile]);
        await chown.WaitForExitAsync(Token);

        Failed(await ExamineAsync(), "data directory", "belongs to user 12345");
    }

    [Fact]
    public async Task Command_Json_TellsTheSameAndItsExitCodeCounts()
    {
        var (exit, output, errors) = await AgentProcess.CommandAsync("doctor", "--json", "--data-dir", _fixture.Folder);

        Assert.Equal((1, ""), (exit, errors));
        using var report = JsonDocument.Parse(output);
        Assert.False(report.RootElement.GetProperty("healthy").GetBoolean());
        var last = report.RootElement.GetProperty("findings").EnumerateArray().Last();
        Assert.Equal(("enrollment", "Failed"), (last.GetProperty("check").GetString(), last.GetProperty("verdict").GetString()));

        await _fixture.EnrollAsync();
        Assert.Contains("-> ", (await AgentProcess.CommandAsync("doctor", "--data-dir", _fixture.Folder)).Output, StringComparison.Ordinal);
    }

    private Task<DoctorReport> ExamineAsync() => new Examination(_fixture.Folder, TimeProvider.System).RunAsync(Token);

    private void Change(Func<Identity, Identity> change) => change(Identity.Load(IdentityFile)!).Save(IdentityFile);

    private static async Task ServeTlsAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync(Token);
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(certificate);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client does not trust it, which is what is tested.
        }
    }

    private static Finding Of(DoctorReport report, string check) => report.Findings.Single(f => f.Check == check);

    private static void Failed(DoctorReport report, string check, string words)
    {
        var finding = Of(report, check);
        Assert.False(report.Healthy);
        Assert.Equal(Verdict.Failed, finding.Verdict);
        Assert.Contains(words, finding.Found, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Advice!);
    }

    private static string Text(DoctorReport report) => string.Join('\n', report.Findings);
}
