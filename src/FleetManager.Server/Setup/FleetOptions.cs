using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Setup;

/// <summary>Section <c>Fleet</c> (design 5.5).</summary>
internal sealed class FleetOptions
{
    public const string Section = "Fleet";

    /// <summary>Holds the database file, images and keys.</summary>
    [Required(AllowEmptyStrings = false, ErrorMessage = "Fleet:DataDirectory must name a directory")]
    public string DataDirectory { get; set; } = "data";

    [Required, ValidateObjectMembers]
    public DatabaseOptions Database { get; set; } = new();

    [Required, ValidateObjectMembers]
    public BrokerOptions Broker { get; set; } = new();

    [Required, ValidateObjectMembers]
    public ImageOptions Images { get; set; } = new();

    [Required, ValidateObjectMembers]
    public HttpOptions Http { get; set; } = new();

    [Required, ValidateObjectMembers]
    public DeviceOptions Devices { get; set; } = new();

    /// <summary>Full path of a file or folder in the data directory.</summary>
    public string PathOf(string name) => Path.Combine(Path.GetFullPath(DataDirectory), name);
}

/// <summary>Section <c>Fleet:Database</c>.</summary>
internal sealed class DatabaseOptions
{
    [AllowedValues("Sqlite", "Postgres", ErrorMessage = "Fleet:Database:Provider must be Sqlite or Postgres")]
    public string Provider { get; set; } = "Sqlite";

    /// <summary>How long one search or count may keep the database busy; a longer one is stopped and answered with 503.</summary>
    [Between(1, 600, ErrorMessage = "Fleet:Database:SearchSeconds must be from 1 to 600")]
    public int SearchSeconds { get; set; } = 30;
}

/// <summary>Section <c>Fleet:Broker</c>.</summary>
internal sealed class BrokerOptions
{
    [AllowedValues("Embedded", ErrorMessage = "Fleet:Broker:Mode must be Embedded")]
    public string Mode { get; set; } = "Embedded";

    [Between(IPEndPoint.MinPort, IPEndPoint.MaxPort, ErrorMessage = "Fleet:Broker:Port must be a TCP port from 1 to 65535, or 0 for any free one")]
    public int Port { get; set; } = 1883;

    /// <summary>IP address that the broker listens on.</summary>
    [Required(AllowEmptyStrings = false, ErrorMessage = "Fleet:Broker:BindAddress must be an IP address, such as 127.0.0.1")]
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>What enrolled agents are told; null tells them the host of the server address that they enrolled with.</summary>
    public string? PublicHost { get; set; }

    /// <summary>Connections of one address that have not proved who they are yet; more are turned away.</summary>
    [Between(1, 100_000, ErrorMessage = "Fleet:Broker:MaxPendingPerAddress must be from 1 to 100000")]
    public int MaxPendingPerAddress { get; set; } = 1000;

    /// <summary>How long a connection may take to prove who it is.</summary>
    [Between(1, 300, ErrorMessage = "Fleet:Broker:ConnectSeconds must be from 1 to 300")]
    public int ConnectSeconds { get; set; } = 10;

    /// <summary>First level of every topic.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "Fleet:Broker:TopicRoot must be 1 to 64 letters, digits, - or _")]
    public string TopicRoot { get; set; } = Contracts.Topics.DefaultRoot;
}

/// <summary>Section <c>Fleet:Images</c>.</summary>
internal sealed class ImageOptions : IValidatableObject
{
    public const string S3 = "S3";

    /// <summary><c>Files</c> in the data directory, or a bucket of an S3-compatible service.</summary>
    [AllowedValues("Files", S3, ErrorMessage = "Fleet:Images:Store must be Files or S3")]
    public string Store { get; set; } = "Files";

    /// <summary>Address of the S3-compatible service.</summary>
    public string? Endpoint { get; set; }

    public string? Bucket { get; set; }

    public string? AccessKey { get; set; }

    public string? SecretKey { get; set; }

    /// <summary>Goes into signatures; services other than Amazon's mostly take any.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>How many days a link in an answer opens its image without a key; up to one day more.</summary>
    [Between(1, 365, ErrorMessage = "Fleet:Images:LinkDays must be from 1 to 365")]
    public int LinkDays { get; set; } = 7;

    /// <summary>How much of the disk thumbnails and other pictures of images may take.</summary>
    [Between(16, 1_048_576, ErrorMessage = "Fleet:Images:RenditionMiB must be from 16 to 1048576")]
    public int RenditionMiB { get; set; } = 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Store != S3)
        {
            yield break;
        }

        if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            yield return new ValidationResult("Fleet:Images:Endpoint must be the address of an S3-compatible service, such as https://s3.eu-central-1.amazonaws.com");
        }

        foreach (var (key, value) in new[] { ("Bucket", Bucket), ("AccessKey", AccessKey), ("SecretKey", SecretKey), ("Region", Region) })
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                yield return new ValidationResult($"Fleet:Images:{key} must be set when Fleet:Images:Store is S3");
            }
        }
    }
}

/// <summary>Section <c>Fleet:Devices</c>.</summary>
internal sealed class DeviceOptions
{
    /// <summary>
    /// Folder of agent packages that install scripts fetch: <c>fleet-agent-linux-x64.tar.gz</c>, <c>fleet-agent-linux-arm64.tar.gz</c>. Null: the
    /// scripts use the agent that they find on the device.
    /// </summary>
    [ExistingDirectory(ErrorMessage = "Fleet:Devices:PackageDirectory must name a directory that is there")]
    public string? PackageDirectory { get; set; }

    /// <summary>How often one address may read logs of devices; behind one proxy everybody has its address.</summary>
    [Between(1, 100_000, ErrorMessage = "Fleet:Devices:LogReadsPerMinute must be from 1 to 100000")]
    public int LogReadsPerMinute { get; set; } = 5;
}

/// <summary>Section <c>Fleet:Http</c>.</summary>
internal sealed class HttpOptions
{
    /// <summary>Connections that are open at once; more are closed as they come. Never more than the system's open files leave room for.</summary>
    [Between(100, 1_000_000, ErrorMessage = "Fleet:Http:MaxConnections must be from 100 to 1000000")]
    public int MaxConnections { get; set; } = 20_000;
}

/// <summary>A whole number from one bound to another. The generated validator drops the message of a <see cref="RangeAttribute"/>, and with it the key's name.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BetweenAttribute(int least, int most) : ValidationAttribute
{
    public int Least { get; } = least;

    public int Most { get; } = most;

    public override bool IsValid(object? value) => value is int number && number >= Least && number <= Most;
}

/// <summary>A directory that is there, or none.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ExistingDirectoryAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is not string path || Directory.Exists(path);
}

[OptionsValidator]
internal sealed partial class FleetOptionsValidator : IValidateOptions<FleetOptions>;
