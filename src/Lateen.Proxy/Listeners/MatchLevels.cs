using System.Net;
using Lateen.Proxy.Matching;
using SourceType = Envoy.Config.Listener.V3.FilterChainMatch.Types.ConnectionSourceType;

namespace Lateen.Proxy.Listeners;

/// <summary>Exact values, else unspecified (ports, transport protocols).</summary>
internal sealed class ExactLevel<TKey, TNext>
    where TKey : struct
    where TNext : class, new()
{
    private readonly Dictionary<TKey, TNext> _exact = [];
    private TNext? _any;

    public TNext Add(TKey? key)
    {
        if (key is not { } value)
        {
            return _any ??= new TNext();
        }

        return _exact.TryGetValue(value, out var next) ? next : _exact[value] = new TNext();
    }

    public TNext? Find(TKey? key) => key is { } value && _exact.TryGetValue(value, out var next) ? next : _any;
}

/// <summary>The first of a connection's application protocols that some chain names, else unspecified.</summary>
internal sealed class ProtocolLevel<TNext>
    where TNext : class, new()
{
    private readonly Dictionary<string, TNext> _exact = [];
    private TNext? _any;

    public TNext Add(string? protocol)
    {
        if (protocol is null)
        {
            return _any ??= new TNext();
        }

        return _exact.TryGetValue(protocol, out var next) ? next : _exact[protocol] = new TNext();
    }

    public TNext? Find(IReadOnlyList<string>? protocols)
    {
        for (var i = 0; i < protocols?.Count; i++)
        {
            if (_exact.TryGetValue(protocols[i], out var next))
            {
                return next;
            }
        }

        return _any;
    }

    public TNext? Find(string protocol) => _exact.GetValueOrDefault(protocol) ?? _any;
}

/// <summary>The longest prefix that holds the address, else unspecified; what is not an IP address matches only that.</summary>
internal sealed class PrefixLevel<TNext>
    where TNext : class, new()
{
    private readonly List<(CidrRange Range, TNext Next)> _ranges = [];
    private TNext? _any;

    public TNext Add(CidrRange? range)
    {
        if (range is not { } added)
        {
            return _any ??= new TNext();
        }

        var at = _ranges.FindIndex(r => r.Range == added);
        if (at >= 0)
        {
            return _ranges[at].Next;
        }

        var next = new TNext();
        _ranges.Add((added, next));
        _ranges.Sort((a, b) => b.Range.PrefixLength.CompareTo(a.Range.PrefixLength));
        return next;
    }

    public TNext? Find(EndPoint address)
    {
        if (address is IPEndPoint ip)
        {
            foreach (var (range, next) in _ranges)
            {
                if (range.Contains(ip.Address))
                {
                    return next;
                }
            }
        }

        return _any;
    }
}

/// <summary>The server name: exact, then wildcards for ever shorter suffixes, else unspecified.</summary>
internal sealed class NameLevel<TNext>
    where TNext : class, new()
{
    private readonly Dictionary<string, TNext> _names = [];
    private TNext? _any;

    public TNext Add(string? name)
    {
        if (name is null)
        {
            return _any ??= new TNext();
        }

        return _names.TryGetValue(name, out var next) ? next : _names[name] = new TNext();
    }

    public TNext? Find(string? name)
    {
        if (name is null || _names.Count == 0)
        {
            return _any;
        }

        if (_names.TryGetValue(name, out var next))
        {
            return next;
        }

        for (var dot = name.IndexOf('.', 1); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_names.TryGetValue("*" + name[dot..], out next))
            {
                return next;
            }
        }

        return _any;
    }
}

/// <summary>Where the peer is: the specific kind if some chain names it, else any.</summary>
internal sealed class SourceLevel<TNext>
    where TNext : class, new()
{
    private readonly TNext?[] _next = new TNext?[3];

    public TNext Add(SourceType type) => _next[(int)type] ??= new TNext();

    public TNext? Find(EndPoint local, EndPoint remote)
    {
        var near = local is IPEndPoint l && remote is IPEndPoint r ? IPAddress.IsLoopback(r.Address) || l.Address.Equals(r.Address) : true;
        return _next[(int)(near ? SourceType.SameIpOrLoopback : SourceType.External)] ?? _next[(int)SourceType.Any];
    }
}

/// <summary>The chain that an entry leads to.</summary>
internal sealed class MatchLeaf
{
    public FilterChain? Chain { get; set; }
}
