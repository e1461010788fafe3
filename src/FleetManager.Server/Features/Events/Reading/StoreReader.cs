using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Reads <c>"store":{"epoch":"…","seq":123}</c> of an event that an agent sent.</summary>
internal static class StoreReader
{
    /// <summary>Far beyond any store, and far below where arithmetic on runs would overflow.</summary>
    public const long MaxSeq = 1L << 53;

    public static StorePosition? Read(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType("store", "an object", json.TokenType);
        }

        Guid epoch = default;
        long seq = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonValues.Is(ref json, "epoch"u8))
            {
                json.Read();
                epoch = Guid.TryParseExact(JsonValues.Text(ref json, "store.epoch", 64), "D", out var id)
                    ? id
                    : throw new EventFaultException("store.epoch", "must be a UUID.");
            }
            else if (JsonValues.Is(ref json, "seq"u8))
            {
                json.Read();
                seq = JsonValues.Integer(ref json, "store.seq");
            }
            else
            {
                json.Skip();
            }
        }

        if (epoch == Guid.Empty)
        {
            throw new EventFaultException("store.epoch", "must be a UUID other than zero.");
        }

        return seq is >= 1 and <= MaxSeq
            ? new StorePosition(epoch, seq)
            : throw new EventFaultException("store.seq", $"must be a whole number from 1 to {MaxSeq}.");
    }
}
