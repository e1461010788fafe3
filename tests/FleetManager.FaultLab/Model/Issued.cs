namespace FleetManager.FaultLab.Model;

/// <summary>An event that a producer handed in.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What the server thinks of it.</param>
/// <param name="Mark">Text in its data, which must arrive as it is.</param>
/// <param name="Picture">SHA-256 of its picture, if it has one.</param>
internal sealed record Issued(string Id, EventKind Kind, string Mark, string? Picture)
{
    /// <summary>The producer was told 201.</summary>
    public bool Accepted { get; set; }

    /// <summary>Its number in the store, once seen there or on the server.</summary>
    public long? Seq { get; private set; }

    /// <summary>It was seen under a number, and must keep it.</summary>
    public void Seen(long seq)
    {
        Violation.Unless(Seq is null || Seq == seq, "G3", $"event {Id} was number {Seq} and is {seq}");
        Seq = seq;
    }
}

internal enum EventKind
{
    Good,

    /// <summary>Names no use case: parked until the settings name a default.</summary>
    Homeless,

    /// <summary>Refused for good by the server, as an item.</summary>
    Poison,

    /// <summary>Makes the server refuse the whole request that it is in.</summary>
    Spoiler,
}
