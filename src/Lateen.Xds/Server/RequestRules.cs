using System.Collections.Immutable;
using Envoy.Service.Discovery.V3;

namespace Lateen.Xds.Server;

/// <summary>What a request turned out to be.</summary>
internal enum RequestKind
{
    Subscribe,
    Unsubscribe,
    Ack,
    Nack,
    Stale,
}

/// <param name="Kind">What the request is.</param>
/// <param name="Watched">The type's state after it; null when it is not watched any more.</param>
/// <param name="Answer">Whether it is answered.</param>
/// <param name="Names">The names to answer with; null for all that is watched.</param>
internal readonly record struct Decision(RequestKind Kind, WatchedType? Watched, bool Answer = false, ImmutableHashSet<string>? Names = null);

/// <summary>The rules for requests of the state-of-the-world protocol, in the order in which istiod applies them.</summary>
internal static class RequestRules
{
    public static Decision Decide(WatchedType? watched, DiscoveryRequest request)
    {
        var names = request.ResourceNames.ToImmutableHashSet(StringComparer.Ordinal);
        if (request.ErrorDetail is { } error)
            return Nack(watched, request, names, error.Message);
        if (names.IsEmpty && !TypeUrls.IsWildcard(request.TypeUrl))
            return new(RequestKind.Unsubscribe, null);
        if (watched is null || request.ResponseNonce.Length == 0)
            return new(RequestKind.Subscribe, new(request.TypeUrl) { Names = names, VersionAcked = request.VersionInfo }, Answer: true);
        if (request.ResponseNonce != watched.NonceSent)
            return new(RequestKind.Stale, watched);
        // After a rejection the same nonce comes again only to change the names.
        var after = watched.NonceSent == watched.NonceNacked
            ? watched with { Names = names }
            : watched with { Names = names, NonceAcked = request.ResponseNonce, VersionAcked = request.VersionInfo };
        return Changed(RequestKind.Ack, watched, after);
    }

    private static Decision Nack(WatchedType? watched, DiscoveryRequest request, ImmutableHashSet<string> names, string error)
    {
        if (watched is null)
            return new(RequestKind.Nack, null);
        var after = watched with { NonceNacked = request.ResponseNonce, Error = error };
        // A rejection may carry new names as well; they are answered, the rejection itself is not.
        return request.ResponseNonce == watched.NonceSent && !names.IsEmpty
            ? Changed(RequestKind.Nack, watched, after with { Names = names })
            : new(RequestKind.Nack, after);
    }

    private static Decision Changed(RequestKind kind, WatchedType before, WatchedType after)
    {
        if (kind == RequestKind.Ack && after.State == SyncState.Synced)
            after = after with { Error = null };
        if (kind == RequestKind.Ack && before.AlwaysRespond)
            return new(kind, after with { AlwaysRespond = false }, Answer: true);
        var added = after.Names.Except(before.Names);
        if (TypeUrls.IsWildcard(after.TypeUrl))
            return new(kind, after, Answer: !after.Names.SetEquals(before.Names));
        return new(kind, after, Answer: !added.IsEmpty, added);
    }
}
