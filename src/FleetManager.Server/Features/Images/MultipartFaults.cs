namespace FleetManager.Server.Features.Images;

/// <summary>Turns what the multipart reader throws at a broken body into a bad request.</summary>
internal static class MultipartFaults
{
    public static async ValueTask<T> GuardAsync<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (InvalidDataException fault)
        {
            throw new BadHttpRequestException($"The multipart body can not be read: {fault.Message}");
        }
        catch (IOException fault) when (fault is not BadHttpRequestException)
        {
            throw new BadHttpRequestException("The multipart body ends too early: the last boundary is missing.");
        }
    }
}
