using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Translation.Naming;
using TlsVersion = Envoy.Extensions.TransportSockets.Tls.V3.TlsParameters.Types.TlsProtocol;

namespace Lateen.Translation.Security;

/// <summary>The TLS of a gateway's server.</summary>
internal static class GatewayTls
{
    /// <param name="tls">The server's settings; a mode that ends TLS.</param>
    /// <param name="mesh">Mesh settings.</param>
    /// <param name="http">HTTP is inside.</param>
    public static TransportSocket Socket(ServerTlsSettings tls, MeshSettings mesh, bool http)
    {
        if (tls.Mode == ServerTlsMode.IstioMutual)
            return MutualTls.Server(http ? Alpn.HttpServer : Alpn.TcpServer, mesh.TrustDomainAliases.Prepend(mesh.TrustDomain).Distinct());
        var common = new CommonTlsContext { AlpnProtocols = { Alpn.HttpServer } };
        common.TlsCertificateSdsSecretConfigs.Add(Certificates(tls));
        SetParameters(common, tls);
        if (tls.Mode is ServerTlsMode.Mutual or ServerTlsMode.OptionalMutual) common.CombinedValidationContext = Validation(tls);
        return MutualTls.Socket(new DownstreamTlsContext
        {
            CommonTlsContext = common,
            RequireClientCertificate = tls.Mode == ServerTlsMode.Mutual,
        });
    }

    /// <summary>The secrets of the control plane that a server needs.</summary>
    public static IEnumerable<string> SecretNames(ServerTlsSettings tls)
    {
        if (tls.Mode is ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough or ServerTlsMode.IstioMutual) return [];
        var names = Credentials(tls).Select(Secrets.CredentialName);
        return tls.Mode is ServerTlsMode.Mutual or ServerTlsMode.OptionalMutual && RootsCredential(tls) is { } roots
            ? names.Append(Secrets.CredentialRoots(roots))
            : names;
    }

    private static IEnumerable<SdsSecretConfig> Certificates(ServerTlsSettings tls)
    {
        var credentials = Credentials(tls);
        if (credentials.Count > 0) return credentials.Select(name => Secrets.ByName(Secrets.CredentialName(name)));
        var files = tls.TlsCertificates.Select(file => (file.ServerCertificate, file.PrivateKey)).ToList();
        if (files.Count == 0 && !string.IsNullOrEmpty(tls.ServerCertificate)) files.Add((tls.ServerCertificate, tls.PrivateKey));
        return files.Select(file => Secrets.FromAgent(Secrets.FileCertificate(file.ServerCertificate ?? "", file.PrivateKey ?? "")));
    }

    private static EquatableArray<string> Credentials(ServerTlsSettings tls) => !tls.CredentialNames.IsEmpty
        ? tls.CredentialNames
        : string.IsNullOrEmpty(tls.CredentialName) ? [] : [tls.CredentialName];

    private static string? RootsCredential(ServerTlsSettings tls)
    {
        if (!string.IsNullOrEmpty(tls.CaCertCredentialName)) return tls.CaCertCredentialName;
        return Credentials(tls) is { IsEmpty: false } names ? names[0] : null;
    }

    private static CommonTlsContext.Types.CombinedCertificateValidationContext Validation(ServerTlsSettings tls)
    {
        var roots = RootsCredential(tls) is { } credential
            ? Secrets.ByName(Secrets.CredentialRoots(credential))
            : Secrets.FromAgent(Secrets.FileRoots(tls.CaCertificates ?? ""));
        var validation = MutualTls.Validation(roots, [.. tls.SubjectAltNames.Select(name => new StringMatcher { Exact = name })]);
        validation.DefaultValidationContext.VerifyCertificateSpki.Add(tls.VerifyCertificateSpki);
        validation.DefaultValidationContext.VerifyCertificateHash.Add(tls.VerifyCertificateHash);
        if (tls.InsecureSkipVerify == true)
        {
            validation.DefaultValidationContext.TrustChainVerification =
                CertificateValidationContext.Types.TrustChainVerification.AcceptUntrusted;
        }
        return validation;
    }

    private static void SetParameters(CommonTlsContext common, ServerTlsSettings tls)
    {
        var parameters = new TlsParameters
        {
            TlsMinimumProtocolVersion = Version(tls.MinProtocolVersion),
            TlsMaximumProtocolVersion = Version(tls.MaxProtocolVersion),
            CipherSuites = { tls.CipherSuites },
            EcdhCurves = { tls.EcdhCurves },
        };
        if (!parameters.Equals(new TlsParameters())) common.TlsParams = parameters;
    }

    private static TlsVersion Version(TlsProtocol version) => version switch
    {
        TlsProtocol.TlsV10 => TlsVersion.Tlsv10,
        TlsProtocol.TlsV11 => TlsVersion.Tlsv11,
        TlsProtocol.TlsV12 => TlsVersion.Tlsv12,
        TlsProtocol.TlsV13 => TlsVersion.Tlsv13,
        _ => TlsVersion.TlsAuto,
    };
}
