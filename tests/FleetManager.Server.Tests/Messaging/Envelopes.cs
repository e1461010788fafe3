using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FleetManager.Contracts;
using FleetManager.Server.Tests.Hosting;

namespace FleetManager.Server.Tests.Messaging;

internal static class Envelopes
{
    public static byte[] Of<T>(TestDevice device, Uplink uplink, long boot, long seq, T body, JsonTypeInfo<Envelope<T>> type) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new Envelope<T>(1, Topics.Name(uplink), device.Id.Value, boot, seq, TimeProvider.System.GetUtcNow(), body), type);
}
