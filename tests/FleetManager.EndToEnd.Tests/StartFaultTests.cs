using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FleetManager.EndToEnd.Tests.Harness;

namespace FleetManager.EndToEnd.Tests;

/// <summary>A server that can not start stops with a message that names the key to set.</summary>
public sealed class StartFaultTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Fleet:Database:Provider", "Oracle")]
    [InlineData("Fleet:Broker:Mode", "Carrier pigeon")]
    [InlineData("Fleet:Broker:Port", "70000")]
    [InlineData("Fleet:Broker:Port", "many")]
    [InlineData("Fleet:Broker:MaxPendingPerAddress", "0")]
    [InlineData("Fleet:Broker:BindAddress", "")]
    [InlineData("Fleet:Images:Store", "Attic")]
    [InlineData("Fleet:Images:Store", "S3")]
    [InlineData("Fleet:Images:LinkDays", "0")]
    [InlineData("Fleet:DataDirectory", "")]
    [InlineData("Fleet:Devices:PackageDirectory", "/no/such/directory")]
    [InlineData("Fleet:Devices:LogReadsPerMinute", "0")]
    [InlineData("--urls", "nonsense")]
    [InlineData("--urls", "http://127.0.0.1:99999")]
    public async Task Start_BadConfigurationValue_StopsAndNamesTheKey(string key, string value)
    {
        var result = await StartAsync($"--{key.TrimStart('-')}={value}");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(key, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Fleet:Databse:Provider=Postgres", "Fleet:Databse")]
    [InlineData("--Fleet:Broker:Prot=1884", "Fleet:Broker:Prot")]
    public async Task Start_UnknownKey_IsATypingError(string flag, string named)
    {
        var result = await StartAsync(flag);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PostgresWithoutConnection_NamesTheConnectionString()
    {
        var result = await StartAsync("--Fleet:Database:Provider=Postgres");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("ConnectionStrings:Fleet", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ConnectionThatIsNone_NamesTheConnectionString()
    {
        var result = await StartAsync("--ConnectionStrings:Fleet=nonsense", "--Fleet:Database:Provider=Postgres");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("ConnectionStrings:Fleet", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DatabaseThatDoesNotAnswer_NamesTheConnection()
    {
        var result = await StartAsync(
            "--Fleet:Database:Provider=Postgres", $"--ConnectionStrings:Fleet=Host=127.0.0.1;Port={Text(FreePort.Next())};Username=fleet;Password=x;Database=fleet");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("ConnectionStrings:Fleet", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("many")]
    [InlineData("5")]
    public async Task Start_ConnectionLimitThatIsNone_NamesTheKey(string limit)
    {
        var result = await StartAsync($"--Fleet:Http:MaxConnections={limit}");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Fleet:Http:MaxConnections", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ImagesCanNotBeWritten_StopsAndNamesTheKey()
    {
        Directory.CreateDirectory(_directory.At("data"));
        await File.WriteAllTextAsync(_directory.At("data/images"), "", Cancellation);

        var result = await StartAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Fleet:DataDirectory", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DataDirectoryOfARunningServer_IsRefused()
    {
        Directory.CreateDirectory(_directory.At("data"));
        await using var other = new FileStream(_directory.At("data/server.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var result = await StartAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("in use by another server", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DataDirectoryCanNotBeWritten_StopsAndNamesTheKey()
    {
        // Below a file nobody can make a directory, not even root.
        await File.WriteAllTextAsync(_directory.At("file"), "", Cancellation);

        var result = await StartAsync($"--Fleet:DataDirectory={_directory.At("file/data")}");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Fleet:DataDirectory", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "--urls")]
    [InlineData(false, "Fleet:Broker:Port")]
    public async Task Start_PortInUse_StopsAndNamesTheKey(bool http, string key)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;

        var result = await StartAsync(http ? $"--urls=http://127.0.0.1:{Text(taken)}" : $"--Fleet:Broker:Port={Text(taken)}");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(key, result.Error, StringComparison.Ordinal);
        Assert.Contains(Text(taken), result.Error, StringComparison.Ordinal);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private async Task<CommandResult> StartAsync(params string[] faults)
    {
        var arguments = new Dictionary<string, string>
        {
            ["--urls"] = $"http://127.0.0.1:{Text(FreePort.Next())}",
            ["--Fleet:Broker:Port"] = Text(FreePort.Next()),
            ["--Fleet:DataDirectory"] = _directory.At("data"),
        };
        foreach (var fault in faults)
        {
            arguments[fault.Split('=')[0]] = fault[(fault.IndexOf('=', StringComparison.Ordinal) + 1)..];
        }

        var result = await CommandResult.RunDotnetAsync(Repository.ServerDll, arguments.Select(a => $"{a.Key}={a.Value}"), Cancellation);

        // A person reads this: the sentence, and no stack before or behind it.
        Assert.DoesNotContain("   at ", result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("crit:", result.Output, StringComparison.Ordinal);
        return result;
    }
}
