namespace Lateen.Proxy.Routing;

/// <summary>
/// The routes of a virtual host in order, and for long lists an index by exact path and by prefix that yields the same first match
/// without trying them all. Other kinds of path are tried one by one.
/// </summary>
internal sealed class RouteIndex
{
    public static readonly RouteIndex Empty = new([], indexed: false);

    private const int WorthIndexing = 8;
    private readonly RouteEntry[] _routes;
    private readonly Dictionary<byte[], RouteEntry[]>? _paths;
    private readonly PrefixTable? _prefixes;
    private readonly RouteEntry[] _others = [];

    private RouteIndex(IReadOnlyList<RouteEntry> routes, bool indexed)
    {
        _routes = [.. routes];
        if (!indexed)
            return;
        _paths = new Dictionary<byte[], RouteEntry[]>(ByteKeys.Comparer);
        foreach (var group in _routes.Where(r => r.Match.Path.IndexedPath is not null).GroupBy(r => r.Match.Path.IndexedPath!, ByteKeys.Comparer))
            _paths.Add(group.Key, [.. group]);
        _prefixes = new PrefixTable(_routes.Where(r => r.Match.Path.IndexedPrefix is not null));
        _others = [.. _routes.Where(r => r.Match.Path is { IndexedPath: null, IndexedPrefix: null })];
    }

    public IReadOnlyList<RouteEntry> Routes => _routes;

    public static RouteIndex Build(IReadOnlyList<RouteEntry> routes, bool? indexed = null) =>
        new(routes, indexed ?? routes.Count >= WorthIndexing);

    /// <summary>The first route that matches.</summary>
    public RouteEntry? Find(in MatchContext context)
    {
        if (_paths is null)
            return First(_routes, context, null);
        var best = First(_others, context, null);
        if (_paths.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(context.Path, out var exact))
            best = First(exact, context, best);
        return _prefixes!.First(context, best);
    }

    /// <summary>The first route that matches, telling why those before it did not.</summary>
    public RouteEntry? FindLinearly(in MatchContext context, IRouteTrace trace)
    {
        foreach (var route in _routes)
        {
            var unmet = route.Match.Check(context, out var index);
            trace.OnRoute(route, unmet == Unmet.None ? null : route.Match.Describe(unmet, index));
            if (unmet == Unmet.None)
                return route;
        }

        return null;
    }

    /// <summary>The first of these routes that matches and comes before <paramref name="best"/>, else that one.</summary>
    private static RouteEntry? First(RouteEntry[] routes, in MatchContext context, RouteEntry? best)
    {
        foreach (var route in routes)
        {
            if (best is not null && route.Index > best.Index)
                return best;
            if (route.Match.Matches(context))
                return route;
        }

        return best;
    }

    /// <summary>Routes by prefix. One pass over the path computes the hash of each of its prefixes.</summary>
    private sealed class PrefixTable
    {
        private readonly Dictionary<ulong, RouteEntry[]> _byHash = [];
        private readonly bool[] _lengths;

        public PrefixTable(IEnumerable<RouteEntry> routes)
        {
            foreach (var group in routes.GroupBy(r => Hash(r.Match.Path.IndexedPrefix!)))
                _byHash.Add(group.Key, [.. group]);
            var lengths = _byHash.Values.SelectMany(r => r).Select(r => r.Match.Path.IndexedPrefix!.Length).ToHashSet();
            _lengths = new bool[lengths.Count == 0 ? 0 : lengths.Max() + 1];
            foreach (var length in lengths)
                _lengths[length] = true;
        }

        public RouteEntry? First(in MatchContext context, RouteEntry? best)
        {
            var path = context.Path;
            var hash = Seed;
            for (var length = 0; length < _lengths.Length && length <= path.Length; length++)
            {
                if (_lengths[length] && _byHash.TryGetValue(hash, out var routes))
                    best = RouteIndex.First(routes, context, best);
                if (length < path.Length)
                    hash = Next(hash, path[length]);
            }

            return best;
        }

        private const ulong Seed = 14695981039346656037; // FNV-1a

        private static ulong Next(ulong hash, byte b) => (hash ^ b) * 1099511628211;

        private static ulong Hash(ReadOnlySpan<byte> bytes)
        {
            var hash = Seed;
            foreach (var b in bytes)
                hash = Next(hash, b);
            return hash;
        }
    }
}
