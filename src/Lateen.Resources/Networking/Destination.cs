namespace Lateen.Resources.Networking;

/// <summary>A service, subset and port that traffic is sent to.</summary>
public sealed record Destination
{
    /// <summary>Service host; a name without a dot is completed with the namespace of the object it stands in.</summary>
    public required string Host { get; init; }

    /// <summary>Subset of the host's DestinationRule, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>Port; needed when the host has several.</summary>
    public PortSelector? Port { get; init; }
}

/// <summary>A port by number.</summary>
public sealed record PortSelector
{
    /// <summary>Port number.</summary>
    public uint Number { get; init; }
}

/// <summary>A percentage.</summary>
public sealed record Percent
{
    /// <summary>0 to 100.</summary>
    public double Value { get; init; }
}

/// <summary>How a text is compared; with no member set, in a header match, presence is enough.</summary>
public sealed record StringMatch
{
    /// <summary>The whole value, case-sensitive.</summary>
    [OneOf("match_type")]
    public string? Exact { get; init; }

    /// <summary>What the value begins with, case-sensitive.</summary>
    [OneOf("match_type")]
    public string? Prefix { get; init; }

    /// <summary>RE2 expression for the whole value.</summary>
    [OneOf("match_type")]
    public string? Regex { get; init; }
}

/// <summary>Header changes on request and response.</summary>
public sealed record Headers
{
    /// <summary>On the request.</summary>
    public HeaderOperations? Request { get; init; }

    /// <summary>On the response.</summary>
    public HeaderOperations? Response { get; init; }
}

/// <summary>Changes to headers.</summary>
public sealed record HeaderOperations
{
    /// <summary>Overwrites.</summary>
    public EquatableMap<string> Set { get; init; }

    /// <summary>Appends.</summary>
    public EquatableMap<string> Add { get; init; }

    /// <summary>Names to remove.</summary>
    public EquatableArray<string> Remove { get; init; }
}
