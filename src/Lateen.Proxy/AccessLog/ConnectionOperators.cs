using System.Net;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.AccessLog;

/// <summary>Operators for addresses, TLS and certificates of both connections.</summary>
internal static class ConnectionOperators
{
    private static readonly string[] NotGathered =
    [
        "DOWNSTREAM_LOCAL_IP_SAN", "DOWNSTREAM_PEER_IP_SAN", "DOWNSTREAM_LOCAL_EMAIL_SAN", "DOWNSTREAM_PEER_EMAIL_SAN",
        "DOWNSTREAM_LOCAL_OTHERNAME_SAN", "DOWNSTREAM_PEER_OTHERNAME_SAN", "DOWNSTREAM_LOCAL_SUBJECT", "DOWNSTREAM_PEER_ISSUER",
        "DOWNSTREAM_LOCAL_DNS_SAN", "DOWNSTREAM_TLS_SESSION_ID", "DOWNSTREAM_PEER_FINGERPRINT_1", "DOWNSTREAM_PEER_SERIAL",
        "DOWNSTREAM_PEER_CERT", "DOWNSTREAM_PEER_CERT_V_START", "DOWNSTREAM_PEER_CERT_V_END", "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256",
        "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1", "DOWNSTREAM_PEER_CHAIN_SERIALS", "UPSTREAM_PEER_ISSUER", "UPSTREAM_PEER_CERT",
        "UPSTREAM_PEER_CERT_V_START", "UPSTREAM_PEER_CERT_V_END", "UPSTREAM_LOCAL_DNS_SAN", "UPSTREAM_LOCAL_IP_SAN",
        "UPSTREAM_PEER_IP_SAN", "UPSTREAM_TLS_SESSION_ID", "TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT",
    ];

    public static void AddTo(Dictionary<string, Func<string?, Operator>> all)
    {
        AddAddress(all, "DOWNSTREAM_REMOTE", Client);
        AddAddress(all, "DOWNSTREAM_DIRECT_REMOTE", s => s.Downstream.DirectRemoteAddress);
        AddAddress(all, "DOWNSTREAM_LOCAL", s => s.Downstream.LocalAddress);
        AddAddress(all, "DOWNSTREAM_DIRECT_LOCAL", s => s.Downstream.LocalAddress);
        AddAddress(all, "UPSTREAM_LOCAL", s => s.Upstream?.LocalAddress);
        AddAddress(all, "UPSTREAM_REMOTE", s => s.Upstream?.RemoteAddress ?? s.UpstreamHost?.Address);
        all["UPSTREAM_HOST"] = OperatorCatalog.Plain(Address(s => s.UpstreamHost?.Address, withPort: true));
        all["UPSTREAM_HOST_NAME"] = OperatorCatalog.Plain(HostName(withPort: true));
        all["UPSTREAM_HOST_NAME_WITHOUT_PORT"] = OperatorCatalog.Plain(HostName(withPort: false));
        all["REQUESTED_SERVER_NAME"] = _ => Operator.Text(s => s.Downstream.ServerName);
        AddTls(all, "DOWNSTREAM", s => s.Downstream.Tls);
        AddTls(all, "UPSTREAM", s => s.Upstream?.Tls);
        foreach (var name in NotGathered)
            all[name] = _ => Operator.Absent;
    }

    private static EndPoint Client(StreamInfo stream) =>
        stream is HttpExchange exchange ? exchange.TrustedClientAddress : stream.Downstream.RemoteAddress;

    private static void AddAddress(Dictionary<string, Func<string?, Operator>> all, string name, Func<StreamInfo, EndPoint?> address)
    {
        all[name + "_ADDRESS"] = OperatorCatalog.Plain(Address(address, withPort: true));
        all[name + "_ADDRESS_WITHOUT_PORT"] = OperatorCatalog.Plain(Address(address, withPort: false));
        all[name + "_PORT"] = OperatorCatalog.Plain(Operator.Number(s => (address(s) as IPEndPoint)?.Port));
    }

    private static Operator Address(Func<StreamInfo, EndPoint?> address, bool withPort) => new((stream, output) =>
    {
        if (address(stream) is not { } endpoint)
            return false;
        output.Append(endpoint, withPort);
        return true;
    });

    // The host's name where it has one, else its address.
    private static Operator HostName(bool withPort)
    {
        var address = Address(s => s.UpstreamHost?.Address, withPort);
        return new((stream, output) =>
        {
            if (stream.UpstreamHost?.Hostname is not { Length: > 0 } name)
                return address.Write(stream, output);
            output.Append(name);
            if (withPort && stream.UpstreamHost.Address is IPEndPoint { Port: var port })
            {
                output.Append((byte)':');
                output.Append(port);
            }

            return true;
        });
    }

    private static void AddTls(Dictionary<string, Func<string?, Operator>> all, string side, Func<StreamInfo, TlsInfo?> tls)
    {
        all[side + "_TLS_VERSION"] = OperatorCatalog.Plain(Operator.Text(s => tls(s)?.Version));
        all[side + "_TLS_CIPHER"] = OperatorCatalog.Plain(Operator.Text(s => tls(s)?.CipherSuite));
        all[side + "_PEER_SUBJECT"] = OperatorCatalog.Plain(Operator.Text(s => tls(s)?.PeerSubject));
        all[side + "_PEER_URI_SAN"] = OperatorCatalog.Plain(Operator.List(s => tls(s)?.PeerUriSans));
        all[side + "_PEER_DNS_SAN"] = OperatorCatalog.Plain(Operator.List(s => tls(s)?.PeerDnsSans));
        all[side + "_LOCAL_URI_SAN"] = OperatorCatalog.Plain(Operator.List(s => tls(s)?.LocalUriSans));
        all[side + "_PEER_FINGERPRINT_256"] = OperatorCatalog.Plain(Operator.Text(s => tls(s)?.PeerCertificateHash));
    }
}
