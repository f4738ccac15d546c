using System.Net;
using System.Net.Sockets;

namespace Lateen.Proxy.Clusters;

/// <summary>Resolves names to addresses, off the loops.</summary>
public interface IDnsResolver
{
    /// <summary>All addresses of a name; <see cref="AddressFamily.Unspecified"/> asks for both families.</summary>
    /// <exception cref="SocketException">The name could not be resolved.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, AddressFamily family, CancellationToken cancellation);
}

/// <summary>The operating system's resolver.</summary>
public sealed class SystemDnsResolver : IDnsResolver
{
    /// <summary>The one instance.</summary>
    public static readonly SystemDnsResolver Instance = new();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, AddressFamily family, CancellationToken cancellation) =>
        await Dns.GetHostAddressesAsync(name, family, cancellation);
}
