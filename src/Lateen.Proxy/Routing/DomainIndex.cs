using System.Text;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Routing;

/// <summary>
/// Virtual hosts by domain (Envoy: exact, longest suffix wildcard, longest prefix wildcard, <c>*</c>). The cost of a look-up does not
/// grow with the number of domains, only with the number of different wildcard lengths.
/// </summary>
internal sealed class DomainIndex
{
    private const int StackBytes = 256;
    private readonly bool _ignorePort;
    private readonly Dictionary<byte[], VirtualHost> _exact = new(ByteKeys.Comparer);
    private readonly List<WildcardsOfLength> _suffixes = [];
    private readonly List<WildcardsOfLength> _prefixes = [];
    private VirtualHost? _any;

    public DomainIndex(string routeConfiguration, bool ignorePort, IReadOnlyList<VirtualHost> virtualHosts)
    {
        _ignorePort = ignorePort;
        for (var v = 0; v < virtualHosts.Count; v++)
        {
            var domains = virtualHosts[v].Configuration.Domains;
            if (domains.Count == 0)
                throw new ConfigurationException($"virtual_hosts[{v}].domains", "expected at least one domain");
            for (var d = 0; d < domains.Count; d++)
                Add(domains[d], virtualHosts[v], $"virtual_hosts[{v}].domains[{d}]", routeConfiguration);
        }

        _suffixes.Sort((a, b) => b.Length.CompareTo(a.Length));
        _prefixes.Sort((a, b) => b.Length.CompareTo(a.Length));
    }

    public VirtualHost? Find(ReadOnlySpan<byte> authority, IRouteTrace? trace)
    {
        var host = _ignorePort ? WithoutPort(authority) : authority;
        Span<byte> lower = host.Length <= StackBytes ? stackalloc byte[host.Length] : new byte[host.Length];
        Ascii.ToLower(host, lower, out _);
        var found = Find(lower, out var rule, out var length);
        trace?.OnVirtualHost(found, Encoding.Latin1.GetString(lower), found is null ? null : Domain(lower, rule, length));
        return found;
    }

    /// <summary>The host without a trailing <c>:port</c>; an IPv6 literal keeps its brackets.</summary>
    internal static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> authority)
    {
        var colon = authority.LastIndexOf((byte)':');
        if (colon < 0 || authority[(colon + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            return authority;
        return authority[0] == '[' && authority[colon - 1] != ']' ? authority : authority[..colon];
    }

    private VirtualHost? Find(ReadOnlySpan<byte> host, out char rule, out int length)
    {
        (rule, length) = ('=', host.Length);
        if (_exact.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(host, out var found))
            return found;
        foreach (var wildcards in _suffixes)
        {
            if (host.Length > wildcards.Length && wildcards.Lookup.TryGetValue(host[^wildcards.Length..], out found))
            {
                (rule, length) = ('<', wildcards.Length);
                return found;
            }
        }

        foreach (var wildcards in _prefixes)
        {
            if (host.Length > wildcards.Length && wildcards.Lookup.TryGetValue(host[..wildcards.Length], out found))
            {
                (rule, length) = ('>', wildcards.Length);
                return found;
            }
        }

        rule = '*';
        return _any;
    }

    private static string Domain(ReadOnlySpan<byte> host, char rule, int length) => rule switch
    {
        '=' => Encoding.Latin1.GetString(host),
        '<' => "*" + Encoding.Latin1.GetString(host[^length..]),
        '>' => Encoding.Latin1.GetString(host[..length]) + "*",
        _ => "*",
    };

    private void Add(string domain, VirtualHost virtualHost, string path, string routeConfiguration)
    {
        var lower = domain.ToLowerInvariant();
        if (lower.Length == 0 || lower.AsSpan(1, Math.Max(0, lower.Length - 2)).Contains('*'))
            throw new ConfigurationException(path, $"expected a host with at most one * at its beginning or end, got '{domain}'");
        var added = lower == "*" ? AddAny(virtualHost)
            : lower[0] == '*' ? AddWildcard(_suffixes, lower[1..], virtualHost)
            : lower[^1] == '*' ? AddWildcard(_prefixes, lower[..^1], virtualHost)
            : _exact.TryAdd(Encoding.UTF8.GetBytes(lower), virtualHost);
        if (!added)
        {
            throw new ConfigurationException(path, lower == "*"
                ? $"Only a single wildcard domain is permitted in route {routeConfiguration}"
                : $"Only unique values for domains are permitted. Duplicate entry of domain {domain} in route {routeConfiguration}");
        }
    }

    private bool AddAny(VirtualHost virtualHost)
    {
        var first = _any is null;
        _any ??= virtualHost;
        return first;
    }

    private static bool AddWildcard(List<WildcardsOfLength> wildcards, string part, VirtualHost virtualHost)
    {
        if (part.Contains('*'))
            return false;
        var bytes = Encoding.UTF8.GetBytes(part);
        var ofLength = wildcards.Find(w => w.Length == bytes.Length);
        if (ofLength is null)
            wildcards.Add(ofLength = new WildcardsOfLength(bytes.Length));
        return ofLength.Hosts.TryAdd(bytes, virtualHost);
    }

    private sealed class WildcardsOfLength(int length)
    {
        public int Length { get; } = length;

        public Dictionary<byte[], VirtualHost> Hosts { get; } = new(ByteKeys.Comparer);

        public Dictionary<byte[], VirtualHost>.AlternateLookup<ReadOnlySpan<byte>> Lookup => Hosts.GetAlternateLookup<ReadOnlySpan<byte>>();
    }
}
