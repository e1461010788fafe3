namespace FleetManager.Server.Setup;

/// <summary>Counts what passes, and refuses with 413 as soon as there is more than the limit. Owns the inner stream.</summary>
/// <param name="inner">What is counted.</param>
/// <param name="limit">Most bytes.</param>
/// <param name="what">What it is called in a refusal, such as <c>The body</c>.</param>
internal sealed class LimitedStream(Stream inner, long limit, string what) : ReadStream
{
    public long Count { get; private set; }

    public static BadHttpRequestException TooLarge(string what, long limit) =>
        new($"{what} is larger than {limit / 1024} KiB, which is the limit of this route.", StatusCodes.Status413PayloadTooLarge);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Count += read;
        return Count <= limit ? read : throw TooLarge(what, limit);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
