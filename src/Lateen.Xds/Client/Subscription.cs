using System.Collections.Immutable;

namespace Lateen.Xds.Client;

/// <summary>What the client wants of one type and how far it got. Guarded by the <see cref="SubscriptionTable"/> that owns it.</summary>
internal sealed class Subscription(string typeUrl)
{
    public string TypeUrl { get; } = typeUrl;

    public SubscriptionStatistics Statistics { get; } = new();

    public ImmutableSortedSet<string> Names { get; set; } = [];

    /// <summary>Whether the user has asked for the type.</summary>
    public bool Subscribed { get; set; }

    /// <summary>The version accepted last; kept across streams.</summary>
    public string Version { get; set; } = "";

    /// <summary>The nonce of the last response on this stream; empty before the first.</summary>
    public string Nonce { get; set; } = "";

    /// <summary>Why the last response is rejected, until that was sent.</summary>
    public string? Rejection { get; set; }

    /// <summary>The names of the last request on this stream; null before the first.</summary>
    public ImmutableSortedSet<string>? SentNames { get; set; }

    /// <summary>Whether a request is to be sent.</summary>
    public bool Due { get; set; }

    /// <summary>How many reasons there are to hold requests back.</summary>
    public int Pauses { get; set; }

    /// <summary>Whether anything is wanted: names, or everything where no names mean that.</summary>
    public bool Wanted => Subscribed && (!Names.IsEmpty || TypeUrls.IsWildcard(TypeUrl));

    public void StartStream()
    {
        Nonce = "";
        Rejection = null;
        SentNames = null;
        Due = Wanted;
    }

    public PendingRequest TakeRequest()
    {
        // A server may read only the error of a rejection, so changed names follow in a request of their own.
        var namesFollow = Rejection is not null && SentNames is not null && !SentNames.SetEquals(Names);
        var names = namesFollow ? SentNames! : Names;
        var request = new PendingRequest(TypeUrl, Version, Nonce, names, Rejection);
        SentNames = names;
        Rejection = null;
        Due = namesFollow;
        return request;
    }
}

/// <summary>The content of one request.</summary>
internal sealed record PendingRequest(string TypeUrl, string Version, string Nonce, ImmutableSortedSet<string> Names, string? Rejection);
