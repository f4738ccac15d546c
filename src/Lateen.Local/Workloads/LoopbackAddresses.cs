using System.Globalization;
using System.Text;

namespace Lateen.Local.Workloads;

/// <summary>
/// The addresses of one mesh below 127.A.0.0/16: a replica's sidecar listens on an address whose third part is odd, its application
/// on the same with the third part one higher. Every name keeps its addresses as long as it is held.
/// </summary>
public sealed class LoopbackAddresses
{
    /// <summary>The first A.</summary>
    public const int FirstNet = 64;

    /// <summary>How many A there are.</summary>
    public const int NetCount = 64;

    private const int PerBlock = 254;
    private const int Capacity = 127 * PerBlock;
    private readonly int _net;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly HashSet<int> _used = [];

    /// <summary>The addresses of a mesh with the given A.</summary>
    public LoopbackAddresses(int net)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(net, FirstNet);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(net, FirstNet + NetCount);
        _net = net;
    }

    /// <summary>The A that a state folder asks for, so that meshes with different folders seldom meet.</summary>
    public static int PreferredNet(string stateFolder) =>
        FirstNet + (int)(Fnv1a(Encoding.UTF8.GetBytes(Path.GetFullPath(stateFolder))) % NetCount);

    /// <summary>The addresses of a name, given out when it has none yet. Throws <see cref="LocalMeshException"/> when there are no more.</summary>
    public LoopbackPair Take(string name)
    {
        if (!_numbers.TryGetValue(name, out var number))
        {
            number = Enumerable.Range(0, Capacity).FirstOrDefault(candidate => !_used.Contains(candidate), -1);
            if (number < 0)
                throw new LocalMeshException(string.Create(CultureInfo.InvariantCulture, $"more than {Capacity} replicas do not fit on one machine"));
            _numbers[name] = number;
            _used.Add(number);
        }

        var third = (number / PerBlock * 2) + 1;
        var fourth = (number % PerBlock) + 1;
        return new LoopbackPair(Text(third, fourth), Text(third + 1, fourth));
    }

    /// <summary>Takes back the addresses of all names but these.</summary>
    public void Keep(IEnumerable<string> names)
    {
        foreach (var name in _numbers.Keys.Except(names).ToList())
        {
            if (_numbers.Remove(name, out var number))
                _used.Remove(number);
        }
    }

    private string Text(int third, int fourth) => string.Create(CultureInfo.InvariantCulture, $"127.{_net}.{third}.{fourth}");

    // A hash that is the same in every process, unlike string.GetHashCode.
    private static uint Fnv1a(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var value in bytes)
            hash = (hash ^ value) * 16777619u;
        return hash;
    }
}

/// <summary>The two addresses of a replica.</summary>
/// <param name="Replica">Where its sidecar listens.</param>
/// <param name="Application">Where its application listens.</param>
public readonly record struct LoopbackPair(string Replica, string Application);
