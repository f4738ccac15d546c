using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;

namespace Lateen.Proxy.Configuration;

/// <summary>TLS to a control plane: trust and client certificate from files or inline, read anew for each connection.</summary>
internal static class ControlPlaneTls
{
    private const string SubjectAlternativeNames = "2.5.29.17";

    /// <summary>The settings of a TLS context.</summary>
    /// <exception cref="ConfigurationException">A certificate or the trust bundle cannot be read, or comes over SDS.</exception>
    public static SslClientAuthenticationOptions Create(UpstreamTlsContext context)
    {
        var common = context.CommonTlsContext ?? new CommonTlsContext();
        if (common.TlsCertificateSdsSecretConfigs.Count > 0 || common.ValidationContextSdsSecretConfig is not null || common.CombinedValidationContext is not null)
            throw new ConfigurationException("common_tls_context", "the cluster of a control plane cannot take its certificates from SDS");
        Check(common);
        return new SslClientAuthenticationOptions
        {
            TargetHost = context.Sni,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => ClientCertificate(common)!,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => IsTrusted(certificate as X509Certificate2, common.ValidationContext),
        };
    }

    private static void Check(CommonTlsContext common)
    {
        ClientCertificate(common)?.Dispose();
        if (common.ValidationContext?.TrustedCa is { } trusted)
            ReadRoots(trusted);
    }

    private static X509Certificate2? ClientCertificate(CommonTlsContext common) => common.TlsCertificates is [var first, ..]
        ? X509Certificate2.CreateFromPem(DataSourceReader.ReadText(first.CertificateChain), DataSourceReader.ReadText(first.PrivateKey))
        : null;

    private static X509Certificate2Collection ReadRoots(Envoy.Config.Core.V3.DataSource source)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(DataSourceReader.ReadText(source));
        return roots;
    }

    // Envoy: without a trust bundle nothing is verified; with one, the chain and, where given, a name.
    private static bool IsTrusted(X509Certificate2? certificate, CertificateValidationContext? context)
    {
        if (certificate is null)
            return false;
        if (context?.TrustedCa is not { } trusted)
            return true;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(ReadRoots(trusted));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate) && HasWantedName(certificate, context);
    }

    private static bool HasWantedName(X509Certificate2 certificate, CertificateValidationContext context)
    {
#pragma warning disable CS0612 // the untyped form is still sent
        var matchers = context.MatchTypedSubjectAltNames.Select(t => t.Matcher).Concat(context.MatchSubjectAltNames)
            .Select(m => Matching.StringMatcher.Compile(m, "match_subject_alt_names")).ToList();
#pragma warning restore CS0612
        if (matchers.Count == 0)
            return true;
        var extension = certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAlternativeNames);
        if (extension is null)
            return false;
        var names = new X509SubjectAlternativeNameExtension(extension.RawData);
        return names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(a => a.ToString())).Any(n => matchers.Exists(m => m.Matches(n)));
    }
}
