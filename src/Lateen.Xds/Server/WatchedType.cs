using System.Collections.Immutable;

namespace Lateen.Xds.Server;

/// <summary>How far a client got with a type.</summary>
public enum SyncState
{
    /// <summary>Nothing was sent yet.</summary>
    NotSent,

    /// <summary>The last response is not acknowledged yet.</summary>
    Stale,

    /// <summary>The last response was accepted.</summary>
    Synced,

    /// <summary>The last response was rejected.</summary>
    Nacked,
}

/// <summary>What a client watches of one type, what it was sent last and what it said to that.</summary>
public sealed record WatchedType(string TypeUrl)
{
    /// <summary>The names asked for; none means all of the type.</summary>
    public ImmutableHashSet<string> Names { get; init; } = [];

    /// <summary>Nonce of the last response; empty before the first.</summary>
    public string NonceSent { get; init; } = "";

    /// <summary>Nonce of the last response accepted.</summary>
    public string NonceAcked { get; init; } = "";

    /// <summary>Nonce of the last response rejected.</summary>
    public string NonceNacked { get; init; } = "";

    /// <summary>Version of the last response.</summary>
    public string VersionSent { get; init; } = "";

    /// <summary>The version the client says it holds.</summary>
    public string VersionAcked { get; init; } = "";

    /// <summary>Why the last response was rejected; null when it was not.</summary>
    public string? Error { get; init; }

    /// <summary>When the last response was sent.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>How far the client got.</summary>
    public SyncState State =>
        NonceSent.Length == 0 ? SyncState.NotSent
        : NonceSent == NonceNacked ? SyncState.Nacked
        : NonceSent == NonceAcked ? SyncState.Synced
        : SyncState.Stale;

    /// <summary>Whether the next acknowledgement is answered, so that a client that reconnected finishes warming its clusters.</summary>
    internal bool AlwaysRespond { get; init; }
}
