using System.Runtime.InteropServices;
using System.Text.Json;
using FleetManager.Contracts.Events;

namespace FleetManager.Server.Features.Events.Reading;

/// <summary>Checks one annotation list. Fields that are not ours are kept: detectors add many of their own.</summary>
internal static class AnnotationsReader
{
    /// <summary>The bytes to leave out when the list is too long; null when it is not. Adds classes that are not in the list yet.</summary>
    public static Range? Read(ref Utf8JsonReader json, scoped JsonPath path, List<string> classes)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw EventFaultException.WrongType(path, "an array", json.TokenType);
        }

        var end = 0;
        for (var count = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count < EventLimits.Annotations)
            {
                ReadAnnotation(ref json, path, count, classes);
                end = (int)json.BytesConsumed;
            }
            else
            {
                json.Skip();
                if (count == EventLimits.Annotations)
                {
                    return SkipRest(ref json, end);
                }
            }
        }

        return null;
    }

    private static Range SkipRest(ref Utf8JsonReader json, int end)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            json.Skip();
        }

        return end..(int)json.TokenStartIndex;
    }

    private static void ReadAnnotation(ref Utf8JsonReader json, scoped JsonPath path, int index, List<string> classes)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw EventFaultException.WrongType($"{path}[{index}]", "an object", json.TokenType);
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonValues.Is(ref json, "class"u8))
            {
                json.Read();
                ReadClass(ref json, path, index, classes);
            }
            else if (NumberName(ref json) is { } number)
            {
                json.Read();
                if (json.TokenType != JsonTokenType.Null && !JsonValues.IsPlainNumber(ref json))
                {
                    JsonValues.CheckNumber(ref json, $"{path}[{index}].{number}");
                }
            }
            else if (JsonValues.Is(ref json, "points"u8))
            {
                json.Read();
                CheckPoints(ref json, $"{path}[{index}].points");
            }
            else if (JsonValues.Is(ref json, "keypoints"u8))
            {
                json.Read();
                CheckKeypoints(ref json, $"{path}[{index}].keypoints");
            }
            else
            {
                JsonValues.CheckMember(ref json, path);
            }
        }
    }

    private static string? NumberName(ref Utf8JsonReader json) => 0 switch
    {
        _ when JsonValues.Is(ref json, "x"u8) => "x",
        _ when JsonValues.Is(ref json, "y"u8) => "y",
        _ when JsonValues.Is(ref json, "width"u8) => "width",
        _ when JsonValues.Is(ref json, "height"u8) => "height",
        _ when JsonValues.Is(ref json, "confidence"u8) => "confidence",
        _ => null,
    };

    private static void ReadClass(ref Utf8JsonReader json, scoped JsonPath path, int index, List<string> classes)
    {
        // Most annotations of an image are of few classes.
        if (JsonValues.OneOf(ref json, CollectionsMarshal.AsSpan(classes)) is not null)
        {
            return;
        }

        if (JsonValues.OptionalText(ref json, $"{path}[{index}].class", EventLimits.ShortTextLength) is { } found && !classes.Contains(found))
        {
            classes.Add(found);
        }
    }

    private static void CheckPoints(ref Utf8JsonReader json, scoped JsonPath path)
    {
        if (!StartsArray(ref json, path))
        {
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartArray)
            {
                throw EventFaultException.WrongType(path, "an array of [x, y] pairs", json.TokenType);
            }

            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                JsonValues.CheckNumber(ref json, path);
            }
        }
    }

    private static void CheckKeypoints(ref Utf8JsonReader json, scoped JsonPath path)
    {
        if (!StartsArray(ref json, path))
        {
            return;
        }

        for (var i = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; i++)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                throw EventFaultException.WrongType($"{path}[{i}]", "an object with id, x and y", json.TokenType);
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                // An id is the number of a class where the reference's blocks send it, and a name elsewhere.
                if (!JsonValues.Is(ref json, "x"u8) && !JsonValues.Is(ref json, "y"u8))
                {
                    JsonValues.CheckMember(ref json, path);
                }
                else if (json.Read() && json.TokenType != JsonTokenType.Null)
                {
                    JsonValues.CheckNumber(ref json, path);
                }
            }
        }
    }

    private static bool StartsArray(ref Utf8JsonReader json, scoped JsonPath path) => json.TokenType switch
    {
        JsonTokenType.StartArray => true,
        JsonTokenType.Null => false,
        _ => throw EventFaultException.WrongType(path, "an array", json.TokenType),
    };
}
