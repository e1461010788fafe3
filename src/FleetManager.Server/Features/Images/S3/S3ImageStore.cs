using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using FleetManager.Server.Setup;
using Microsoft.Extensions.Options;

namespace FleetManager.Server.Features.Images.S3;

/// <summary>Images as objects of a bucket, under the same names as files have. An answer of the service means that it keeps the object.</summary>
internal sealed class S3ImageStore(IOptions<FleetOptions> options) : IImageStore, IDisposable
{
    private const string Probe = ".writable";
    private readonly ImageOptions _options = options.Value.Images;
    private readonly AmazonS3Client _client = Connect(options.Value.Images);

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            // What it will have to do, and nothing more: a key may have no right to list.
            await _client.PutObjectAsync(new PutObjectRequest { BucketName = _options.Bucket, Key = Probe, ContentBody = "", UseChunkEncoding = false }, cancellationToken);
            await _client.DeleteObjectAsync(_options.Bucket, Probe, cancellationToken);
        }
        catch (AmazonS3Exception fault) when (fault.StatusCode == HttpStatusCode.NotFound)
        {
            throw new StartFault($"Fleet:Images:Bucket ({_options.Bucket}) does not exist at {_options.Endpoint}: make it, or name another.", fault);
        }
        catch (AmazonS3Exception fault) when (fault.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            throw new StartFault(
                $"Fleet:Images:AccessKey and Fleet:Images:SecretKey do not open the bucket {_options.Bucket} at {_options.Endpoint}: {fault.Message}", fault);
        }
        catch (Exception fault) when (IsOfTheService(fault))
        {
            throw new StartFault($"Fleet:Images:Endpoint ({_options.Endpoint}) does not answer as an S3-compatible service: {fault.Message}", fault);
        }
    }

    public Task KeepAsync(string incomingPath, ImageKey key, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using var file = new FileStream(incomingPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 64 * 1024, FileOptions.Asynchronous);
        return await _client.PutObjectAsync(
            new PutObjectRequest { BucketName = _options.Bucket, Key = key.Path, InputStream = file, AutoCloseStream = false, UseChunkEncoding = false },
            cancellationToken);
    });

    public async Task<bool> ExistsAsync(ImageKey key, CancellationToken cancellationToken) => await SizeOfAsync(key, cancellationToken) is not null;

    public async Task<Stream?> OpenAsync(ImageKey key, CancellationToken cancellationToken) =>
        await SizeOfAsync(key, cancellationToken) is { } size ? new S3ObjectStream(size, (from, token) => ReadFromAsync(key, from, token)) : null;

    public Task DeleteAsync(ImageKey key, CancellationToken cancellationToken) =>
        GuardAsync(() => _client.DeleteObjectAsync(_options.Bucket, key.Path, cancellationToken));

    public void Dispose() => _client.Dispose();

    private Task<long?> SizeOfAsync(ImageKey key, CancellationToken cancellationToken) => GuardAsync<long?>(async () =>
    {
        try
        {
            return (await _client.GetObjectMetadataAsync(_options.Bucket, key.Path, cancellationToken)).ContentLength;
        }
        catch (AmazonS3Exception fault) when (fault.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    });

    private Task<Stream> ReadFromAsync(ImageKey key, long from, CancellationToken cancellationToken) => GuardAsync(async () =>
        (await _client.GetObjectAsync(
            new GetObjectRequest { BucketName = _options.Bucket, Key = key.Path, ByteRange = from > 0 ? new ByteRange(from, long.MaxValue) : null },
            cancellationToken)).ResponseStream);

    private static AmazonS3Client Connect(ImageOptions options) => new(
        new BasicAWSCredentials(options.AccessKey, options.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = options.Endpoint,
            AuthenticationRegion = options.Region,
            // What every compatible service understands: the bucket in the path, and no checksums beyond the signed one.
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            Timeout = TimeSpan.FromSeconds(60),
            MaxErrorRetry = 2,
        });

    /// <summary>The promise of <see cref="IImageStore"/>: what fails is an <see cref="IOException"/>.</summary>
    private static async Task<T> GuardAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception fault) when (IsOfTheService(fault))
        {
            throw new IOException($"The S3 service failed: {fault.Message}", fault);
        }
    }

    private static bool IsOfTheService(Exception fault) =>
        fault is AmazonServiceException or AmazonClientException or HttpRequestException or TimeoutException;
}
