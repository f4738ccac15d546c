using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using Lateen.Translation.Naming;
using TlsVersion = Envoy.Extensions.TransportSockets.Tls.V3.TlsParameters.Types.TlsProtocol;

namespace Lateen.Translation.Security;

/// <summary>The TLS of the mesh itself: workload certificates on both sides, peers recognised by SPIFFE identity.</summary>
internal static class MutualTls
{
    private static readonly string[] CipherSuites =
    [
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-GCM-SHA256",
    ];

    /// <summary>The socket of an inbound chain: a client certificate of one of the trust domains is required.</summary>
    public static TransportSocket Server(IEnumerable<string> alpn, IEnumerable<string> trustDomains)
    {
        var common = Common([.. trustDomains.Select(domain => new StringMatcher { Prefix = $"spiffe://{domain}/" })]);
        common.TlsParams = new TlsParameters
        {
            TlsMinimumProtocolVersion = TlsVersion.Tlsv12,
            TlsMaximumProtocolVersion = TlsVersion.Tlsv13,
            CipherSuites = { CipherSuites },
        };
        common.AlpnProtocols.Add(alpn);
        return Socket(new DownstreamTlsContext { RequireClientCertificate = true, CommonTlsContext = common });
    }

    /// <summary>The context of a client; no subject names mean that any identity of the mesh will do.</summary>
    public static UpstreamTlsContext Client(string serverName, IEnumerable<string> subjectNames, bool http2)
    {
        var common = Common([.. subjectNames.Select(name => new StringMatcher { Exact = name })]);
        common.TlsParams = ClientParameters();
        common.AlpnProtocols.Add(http2 ? Alpn.InMeshHttp2 : Alpn.InMesh);
        return new UpstreamTlsContext { Sni = serverName, CommonTlsContext = common };
    }

    /// <summary>The versions every client context allows.</summary>
    public static TlsParameters ClientParameters() =>
        new() { TlsMinimumProtocolVersion = TlsVersion.Tlsv12, TlsMaximumProtocolVersion = TlsVersion.Tlsv13 };

    public static TransportSocket Socket(DownstreamTlsContext context) =>
        new() { Name = FilterNames.TlsSocket, TypedConfig = context.Packed() };

    public static TransportSocket Socket(UpstreamTlsContext context) =>
        new() { Name = FilterNames.TlsSocket, TypedConfig = context.Packed() };

    /// <summary>Roots from a secret, with the names the peer's certificate may carry.</summary>
    public static CommonTlsContext.Types.CombinedCertificateValidationContext Validation(
        SdsSecretConfig roots, IReadOnlyCollection<StringMatcher> subjectNames)
    {
        var own = new CertificateValidationContext();
        own.MatchSubjectAltNames.Add(subjectNames);
        return new() { DefaultValidationContext = own, ValidationContextSdsSecretConfig = roots };
    }

    private static CommonTlsContext Common(IReadOnlyCollection<StringMatcher> subjectNames) => new()
    {
        TlsCertificateSdsSecretConfigs = { Secrets.FromAgent(Secrets.Workload) },
        CombinedValidationContext = Validation(Secrets.FromAgent(Secrets.RootCertificates), subjectNames),
    };
}
