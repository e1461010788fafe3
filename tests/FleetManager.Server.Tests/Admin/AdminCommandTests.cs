using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using FleetManager.Contracts;
using FleetManager.Contracts.Agents;
using FleetManager.Server.Features.Admin;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Admin;

/// <summary>The command line as people and scripts run it: real processes, some of them beside a running server.</summary>
public sealed class AdminCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-admin-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task KeysAndTokens_MadeBesideARunningServer_WorkAtOnceAndAreAllThatIsPrinted()
    {
        await using var fleet = await FleetApplication.StartAsync();

        var key = await RunAsync(fleet.DataDirectory, "api-key", "create", "--name", "script", "--scopes", "visionEvents.read,device:read");
        var token = await RunAsync(fleet.DataDirectory, "enrollment-token", "create", "--uses", "2", "--expires", "30m");

        Assert.Equal((0, 0), (key.Exit, token.Exit));
        Assert.Matches("^fk_[0-9a-f]{64}\n$", key.Output);
        Assert.Matches("^fe_[0-9a-f]{64}\n$", token.Output);
        using var client = fleet.ClientFor(key.Output.Trim());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/devices", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/api/v1/enrollment-tokens", null, Cancellation)).StatusCode);
        var request = new EnrollRequest(token.Output.Trim(), Secret.New(Secret.DeviceKeyPrefix), "press", "1.0", null);
        using var enrolled = await client.PostAsJsonAsync("/agent/v1/enroll", request, ContractsJson.Default.EnrollRequest, Cancellation);
        Assert.Equal(HttpStatusCode.OK, enrolled.StatusCode);
    }

    [Fact]
    public async Task ApiKey_ListedDisabledEnabledRolledAndDeletedBesideARunningServer_TheServerFollows()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var first = (await RunAsync(fleet.DataDirectory, "api-key", "create", "--name", "script", "--expires", "30d", "--scopes", "device.read")).Output.Trim();
        using var before = fleet.ClientFor(first);
        Assert.Equal(HttpStatusCode.OK, await ProbeAsync(before));

        var listed = await RunAsync(fleet.DataDirectory, "api-key", "list");
        var row = Assert.Single(listed.Output.Trim().Split('\n')).Split('\t');
        var expires = TimeProvider.System.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal([first[..9], "active", "device:read", expires, "script"], [row[1], row[2], row[3], row[4][..10], row[6]]);
        Assert.DoesNotContain(first, listed.Output, StringComparison.Ordinal);

        Assert.Equal((0, ""), Quiet(await RunAsync(fleet.DataDirectory, "api-key", "disable", row[0])));
        await Poll.UntilAsync(() => ProbeAsync(before), s => s == HttpStatusCode.Unauthorized);
        Assert.Equal((0, ""), Quiet(await RunAsync(fleet.DataDirectory, "api-key", "enable", row[0])));
        var rolled = await RunAsync(fleet.DataDirectory, "api-key", "roll", row[0], "--overlap", "1h");
        Assert.Matches("^fk_[0-9a-f]{64}\n$", rolled.Output);
        using var after = fleet.ClientFor(rolled.Output.Trim());
        Assert.Equal(HttpStatusCode.OK, await ProbeAsync(after));
        await Poll.UntilAsync(() => ProbeAsync(before), s => s == HttpStatusCode.OK);
        Assert.Equal((0, ""), Quiet(await RunAsync(fleet.DataDirectory, "api-key", "delete", row[0])));
        await Poll.UntilAsync(() => ProbeAsync(after), s => s == HttpStatusCode.Unauthorized);

        static (int, string) Quiet((int Exit, string Output, string Error) result) => (result.Exit, result.Output);

        static async Task<HttpStatusCode> ProbeAsync(HttpClient client) => (await client.GetForAnswerAsync("/api/v1/devices")).Status;
    }

    [Fact]
    public async Task UserAdd_Email_PrintsALinkThatTheServerOpens()
    {
        await using var fleet = await FleetApplication.StartAsync();

        var added = await RunAsync(fleet.DataDirectory, "user", "add", "--email", "ann@example.org", "--urls", fleet.Address.ToString());

        Assert.Equal(0, added.Exit);
        var link = new Uri(added.Output.Trim());
        Assert.Equal(fleet.Address.Authority, link.Authority);
        using var client = fleet.ClientFor();
        using var page = await client.GetAsync(link, Cancellation);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("nope", "api-key", "create", "--name", "x", "--scopes", "device:read,nope")]
    [InlineData("no workspace 'moon'", "api-key", "create", "--name", "x", "--workspace", "moon")]
    [InlineData("--name", "api-key", "create")]
    [InlineData("--expires", "api-key", "create", "--name", "x", "--expires", "soon")]
    [InlineData("future", "api-key", "create", "--name", "x", "--expires", "0d")]
    [InlineData("name", "api-key", "create", "--name", " ")]
    [InlineData("no API key 7", "api-key", "roll", "7")]
    [InlineData("no API key 7", "api-key", "disable", "7")]
    [InlineData("--overlap", "api-key", "roll", "7", "--overlap", "-1h")]
    [InlineData("30 days", "api-key", "roll", "7", "--overlap", "31d")]
    [InlineData("'some'", "api-key", "delete", "some")]
    [InlineData("--uses", "enrollment-token", "create", "--uses", "0")]
    [InlineData("--expires", "enrollment-token", "create", "--expires", "soon")]
    [InlineData("30 days", "enrollment-token", "create", "--expires", "31d")]
    [InlineData("no role", "user", "add", "--email", "a@example.org", "--role", "king")]
    [InlineData("--use", "enrollment-token", "create", "--use", "3")]
    [InlineData("Fleet:Database:Provider", "migrate", "--Fleet:Database:Provider=Oracle")]
    [InlineData("no database", "backup", "b.tar.gz")]
    public async Task Command_BadInput_FailsAndNamesWhatIsWrong(string named, params string[] command)
    {
        var result = await RunAsync(Data, command);

        Assert.NotEqual(0, result.Exit);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_OfARunningServer_RestoresDatabaseImagesAndKeys()
    {
        await using var fleet = await FleetApplication.StartAsync();
        var key = await RunAsync(fleet.DataDirectory, "api-key", "create", "--name", "kept");
        Directory.CreateDirectory(Path.Combine(fleet.DataDirectory, "images", "ab"));
        await File.WriteAllTextAsync(Path.Combine(fleet.DataDirectory, "images", "ab", "abcdef"), "an image", Cancellation);
        var archive = Path.Combine(_folder, "backup.tar.gz");

        Assert.Equal(0, (await RunAsync(fleet.DataDirectory, "backup", archive)).Exit);
        Assert.Equal(0, (await RunAsync(Data, "restore", archive)).Exit);

        Assert.Equal("an image", await File.ReadAllTextAsync(Path.Combine(Data, "images", "ab", "abcdef"), Cancellation));
        await using var restored = await FleetApplication.StartAsync(configure: web => web.UseSetting("Fleet:DataDirectory", Data));
        using var client = restored.ClientFor(key.Output.Trim());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/devices", Cancellation)).StatusCode);

        var again = await RunAsync(fleet.DataDirectory, "restore", archive);
        Assert.NotEqual(0, again.Exit);
        Assert.Contains("not empty", again.Error, StringComparison.Ordinal);
        var overwrite = await RunAsync(fleet.DataDirectory, "backup", archive);
        Assert.NotEqual(0, overwrite.Exit);
        Assert.Contains("already", overwrite.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1800)]
    [InlineData("1h", 3600)]
    [InlineData("7d", 604800)]
    [InlineData("h", null)]
    [InlineData("1", null)]
    [InlineData("-1h", null)]
    [InlineData("1.5h", null)]
    [InlineData("1w", null)]
    [InlineData("2000000000d", null)]
    [InlineData("2000000000h", null)]
    [InlineData("876001h", null)]
    public void Lifetime_Text_ParsesOrNot(string text, int? seconds)
    {
        Assert.Equal(seconds is not null, Lifetime.TryParse(text, out var lifetime));
        Assert.Equal(seconds ?? 0, lifetime.TotalSeconds);
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(string data, params string[] command)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[typeof(Program).Assembly.Location, "admin", .. command, "--Fleet:DataDirectory", data])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await error);
    }
}
