using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace FleetManager.Agent.LocalApi;

/// <summary>Who may call the local API.</summary>
internal static class LocalGuard
{
    /// <summary>Where clients of the cloud's API may put the key.</summary>
    public const string QueryKey = "api_key";

    private const string Bearer = "Bearer ";

    /// <summary>Why a request is refused; null when it is not.</summary>
    public static EventFault? FaultOf(HttpContext context, string? apiKey)
    {
        // A page in a browser on the device must not reach a store that is open to its loopback.
        var request = context.Request;
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !origin.EndsWith("://" + request.Host.Value, StringComparison.OrdinalIgnoreCase))
        {
            return new EventFault(StatusCodes.Status403Forbidden, $"requests from pages of {origin} are refused");
        }

        if (request.Path == "/health")
        {
            return null;
        }

        if (apiKey is not null)
        {
            return KeysOf(request).Any(sent => Matches(sent, apiKey))
                ? null
                : new EventFault(StatusCodes.Status401Unauthorized, "send the event store's key in the header X-API-Key");
        }

        if (context.Connection.LocalIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            return new EventFault(StatusCodes.Status401Unauthorized, "this event store has no key, so it serves this device only: set eventStore.apiKey in the console");
        }

        // Nor through a name of its own that it lets point to this device.
        return IsOwnName(request.Host.Host)
            ? null
            : new EventFault(StatusCodes.Status403Forbidden, $"{request.Host.Host} is no name of this device: call it localhost, or set eventStore.apiKey in the console");
    }

    // Clients of the cloud's API know no X-API-Key.
    private static IEnumerable<string> KeysOf(HttpRequest request)
    {
        yield return request.Headers["X-API-Key"].ToString();
        if (CloudApi.Owns(request.Path))
        {
            var authorization = request.Headers.Authorization.ToString();
            yield return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : "";
            yield return request.Query[QueryKey].ToString();
        }
    }

    private static bool IsOwnName(string host) =>
        host.Length == 0
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host, out _)
        || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase);

    private static bool Matches(string sent, string key) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
