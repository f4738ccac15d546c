using System.Net;
using System.Net.Sockets;
using System.Text;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>
/// What the headers of every request of a client's connection are made from, worked out once per connection: the peer's address as
/// text, its certificate's element of <c>x-forwarded-client-cert</c>, and the last trusted address that was parsed.
/// </summary>
internal sealed class ClientFacts
{
    private readonly ConnectionManagerOptions _options;
    private byte[] _parsedText = [];
    private EndPoint? _parsedAddress;

    public ClientFacts(ConnectionManagerOptions options, ConnectionInfo connection)
    {
        _options = options;
        Connection = connection;
        IsTls = connection.Tls is not null;
        var address = (connection.RemoteAddress as IPEndPoint)?.Address;
        IsUnixSocket = address is null;
        PeerIsInternal = IsInternal(address);
        AddressText = Encoding.ASCII.GetBytes(Appended(connection, address)?.ToString() ?? "");
        LocalPort = (connection.LocalAddress as IPEndPoint)?.Port ?? 0;
        HasClientCertificate = connection.Tls is { PeerCertificatePresented: true };
        CertificateElement = HasClientCertificate ? Encoding.Latin1.GetBytes(Element(options, connection.Tls!)) : [];
    }

    public ConnectionInfo Connection { get; }

    public bool IsTls { get; }

    public bool IsUnixSocket { get; }

    /// <summary>The peer itself is inside (Envoy: internal_address_config).</summary>
    public bool PeerIsInternal { get; }

    /// <summary>What is appended to <c>x-forwarded-for</c>; empty when there is nothing to append.</summary>
    public byte[] AddressText { get; }

    public int LocalPort { get; }

    public bool HasClientCertificate { get; }

    /// <summary>Our own element of <c>x-forwarded-client-cert</c>.</summary>
    public byte[] CertificateElement { get; }

    /// <summary>
    /// The address of the n-th element from the right of a forwarded-for value (n counts from 1); null when there is none or it is
    /// no plain IP address. The same text gives the same object, so that a kept-alive connection allocates nothing.
    /// </summary>
    public EndPoint? AddressFromRight(ReadOnlySpan<byte> forwardedFor, int n)
    {
        var rest = forwardedFor;
        for (var skip = n - 1; skip > 0; skip--)
        {
            var comma = rest.LastIndexOf((byte)',');
            if (comma < 0)
            {
                return null;
            }

            rest = rest[..comma];
        }

        var text = rest[(rest.LastIndexOf((byte)',') + 1)..].Trim((byte)' ');
        if (text.SequenceEqual(_parsedText) && text.Length > 0)
        {
            return _parsedAddress;
        }

        _parsedText = text.ToArray();
        _parsedAddress = IPAddress.TryParse(Encoding.Latin1.GetString(text), out var address) ? new IPEndPoint(address, 0) : null;
        return _parsedAddress;
    }

    /// <summary>True for an address inside the configured networks; without configuration no address is inside.</summary>
    public bool IsInternal(IPAddress? address)
    {
        if (address is null)
        {
            return _options.UnixSocketsAreInternal;
        }

        foreach (var network in _options.InternalNetworks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    // A loopback peer is told as the proxy's own address (Envoy: appendXff).
    private static IPAddress? Appended(ConnectionInfo connection, IPAddress? peer)
    {
        if (peer is null || !IPAddress.IsLoopback(peer))
        {
            return peer;
        }

        var local = (connection.LocalAddress as IPEndPoint)?.Address;
        return local is { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 } ? local : peer;
    }

    private static string Element(ConnectionManagerOptions options, TlsInfo tls)
    {
        var element = new StringBuilder();
        foreach (var san in tls.LocalUriSans)
        {
            Part("By=", san);
        }

        if (tls.PeerCertificateHash.Length > 0)
        {
            Part("Hash=", tls.PeerCertificateHash);
        }

        if (options.CertificateSubject)
        {
            Part("Subject=\"", tls.PeerSubject.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
            element.Append('"');
        }

        if (options.CertificateUri)
        {
            Parts("URI=", tls.PeerUriSans);
        }

        if (options.CertificateDns)
        {
            foreach (var san in tls.PeerDnsSans)
            {
                Part("DNS=", san);
            }
        }

        return element.ToString();

        void Parts(string key, IReadOnlyList<string> values)
        {
            foreach (var value in values.Count > 0 ? values : [""])
            {
                Part(key, value);
            }
        }

        void Part(string key, string value) => element.Append(element.Length > 0 ? ";" : "").Append(key).Append(value);
    }
}
