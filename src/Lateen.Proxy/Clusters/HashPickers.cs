using System.Text;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Clusters;

/// <summary>What consistent hashing knows a host by (Envoy: metadata hash_key, else host name if asked for, else address).</summary>
internal static class HashKey
{
    public static string Of(Host host, bool byHostname)
    {
        if (host.Metadata is { } metadata && metadata.FilterMetadata.TryGetValue("envoy.lb", out var lb)
            && lb.Fields.TryGetValue("hash_key", out var key) && key.KindCase == Value.KindOneofCase.StringValue)
            return key.StringValue;
        return byHostname && host.Hostname.Length > 0 ? host.Hostname : host.AddressText;
    }
}

/// <summary>A ketama ring (Envoy: RING_HASH with xxHash).</summary>
internal sealed class RingHashPicker : HostPicker
{
    private readonly ulong[] _hashes;
    private readonly Host[] _hosts;

    public RingHashPicker(IReadOnlyList<WeightedHost> hosts, BalancingOptions options)
    {
        var total = hosts.Sum(h => h.Weight);
        var least = hosts.Min(h => h.Weight) / total;
        var scale = Math.Min(Math.Ceiling(least * options.MinimumRingSize) / least, options.MaximumRingSize);
        var entries = new List<(ulong Hash, Host Host)>((int)Math.Ceiling(scale));
        double target = 0;
        Span<byte> buffer = stackalloc byte[512];
        foreach (var (host, weight) in hosts)
        {
            target += scale * weight / total;
            var key = HashKey.Of(host, options.HashByHostname) + "_";
            for (var i = 0; entries.Count < target; i++)
            {
                var text = key + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
                var bytes = text.Length <= 170 ? buffer[..Encoding.UTF8.GetBytes(text, buffer)] : Encoding.UTF8.GetBytes(text);
                entries.Add((XxHash64.Hash(bytes), host));
            }
        }

        entries.Sort((a, b) => a.Hash.CompareTo(b.Hash));
        _hashes = [.. entries.Select(e => e.Hash)];
        _hosts = [.. entries.Select(e => e.Host)];
    }

    /// <summary>Entries of the ring.</summary>
    public int Size => _hashes.Length;

    public override Host? Pick(in LoadBalancerContext context, int attempt)
    {
        var at = Array.BinarySearch(_hashes, context.Hash ?? (ulong)context.Random.NextInt64());
        var index = (at >= 0 ? FirstEqual(at) : ~at) + attempt;
        return _hosts[index % _hosts.Length];
    }

    private int FirstEqual(int at)
    {
        while (at > 0 && _hashes[at - 1] == _hashes[at])
            at--;
        return at;
    }
}

/// <summary>A Maglev table (Envoy: MAGLEV).</summary>
internal sealed class MaglevPicker : HostPicker
{
    private readonly Host[] _table;

    public MaglevPicker(IReadOnlyList<WeightedHost> hosts, BalancingOptions options)
    {
        var size = (ulong)options.MaglevTableSize;
        var max = hosts.Max(h => h.Weight);
        var builds = hosts.Select(h => new Build(h, HashKey.Of(h.Host, options.HashByHostname), size))
            .OrderBy(b => b.Key, StringComparer.Ordinal).ToArray();
        _table = new Host[size];
        ulong filled = 0;
        for (var iteration = 1; filled < size; iteration++)
        {
            for (var i = 0; i < builds.Length && filled < size; i++)
            {
                ref var build = ref builds[i];
                if (iteration * build.Weight < build.Target)
                    continue; // a lighter host waits until its share of the rounds comes due
                build.Target += max;
                var slot = build.Slot(size);
                while (_table[slot] is not null)
                {
                    build.Taken++;
                    slot = build.Slot(size);
                }

                _table[slot] = build.Host;
                build.Taken++;
                filled++;
            }
        }
    }

    public override Host? Pick(in LoadBalancerContext context, int attempt)
    {
        var hash = context.Hash ?? (ulong)context.Random.NextInt64();
        if (attempt > 0)
            hash ^= ulong.MaxValue - (ulong)attempt + 1;
        return _table[hash % (ulong)_table.Length];
    }

    private struct Build
    {
        private readonly ulong _offset;
        private readonly ulong _skip;

        public Build(WeightedHost host, string key, ulong size)
        {
            (Host, Weight, Key) = (host.Host, host.Weight, key);
            var bytes = Encoding.UTF8.GetBytes(key);
            _offset = XxHash64.Hash(bytes) % size;
            _skip = XxHash64.Hash(bytes, 1) % (size - 1) + 1;
        }

        public Host Host { get; }

        public double Weight { get; }

        public string Key { get; }

        public double Target { get; set; }

        public ulong Taken { get; set; }

        public readonly ulong Slot(ulong size) => (_offset + _skip * Taken) % size;
    }
}
