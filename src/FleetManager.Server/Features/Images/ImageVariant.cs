namespace FleetManager.Server.Features.Images;

/// <summary>Which picture of an image is wanted.</summary>
/// <param name="Name">Its last part of the address; empty for the original.</param>
/// <param name="Width">Longest side of a thumbnail in pixels; 0 keeps the size.</param>
internal sealed record ImageVariant(string Name, int Width)
{
    /// <summary>The bytes that were uploaded.</summary>
    public static ImageVariant Original { get; } = new("", 0);

    /// <summary>In full size, in a format that every browser shows: the original, when it is in one already.</summary>
    public static ImageVariant Display { get; } = new("display", 0);

    /// <summary>For lists.</summary>
    public static ImageVariant Small { get; } = new("256", 256);

    /// <summary>For galleries.</summary>
    public static ImageVariant Medium { get; } = new("1024", 1024);

    /// <summary>How they are named in messages and documentation.</summary>
    public const string Names = "'display', '256' or '1024'";

    /// <summary>Null when there is no such variant.</summary>
    public static ImageVariant? Find(string? name) => name switch
    {
        null or "" => Original,
        "display" => Display,
        "256" => Small,
        "1024" => Medium,
        _ => null,
    };
}
