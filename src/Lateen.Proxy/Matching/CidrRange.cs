using System.Net;
using Lateen.Proxy.Configuration;
using Proto = Envoy.Config.Core.V3.CidrRange;

namespace Lateen.Proxy.Matching;

/// <summary>A range of addresses; IPv4-mapped IPv6 addresses count as IPv4.</summary>
public readonly record struct CidrRange
{
    private readonly IPNetwork _network;

    private CidrRange(IPNetwork network) => _network = network;

    /// <summary>Length of the prefix in bits.</summary>
    public int PrefixLength => _network.PrefixLength;

    /// <summary>Compiles a range; bits beyond the prefix are ignored (Envoy: CidrRange).</summary>
    /// <exception cref="ConfigurationException">Not an address, or the prefix is too long.</exception>
    public static CidrRange Compile(Proto range, string path)
    {
        if (!IPAddress.TryParse(range.AddressPrefix, out var address))
            throw new ConfigurationException($"{path}.address_prefix", $"expected an IP address, got '{range.AddressPrefix}'");
        var bytes = address.GetAddressBytes();
        var length = range.PrefixLen ?? 0;
        if (length > bytes.Length * 8)
            throw new ConfigurationException($"{path}.prefix_len", $"expected 0 to {bytes.Length * 8}, got {length}");
        for (var bit = (int)length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new CidrRange(new IPNetwork(new IPAddress(bytes), (int)length));
    }

    /// <summary>True when the address is within the range.</summary>
    public bool Contains(IPAddress address) => _network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <inheritdoc/>
    public override string ToString() => _network.ToString();
}
