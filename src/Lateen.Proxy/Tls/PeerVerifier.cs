using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using SanType = Envoy.Extensions.TransportSockets.Tls.V3.SubjectAltNameMatcher.Types.SanType;

namespace Lateen.Proxy.Tls;

/// <summary>Why a peer's certificate was refused.</summary>
internal enum VerifyFailure
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>None was shown though one is required.</summary>
    NoCertificate,

    /// <summary>The chain does not lead to a trusted root, or is not valid now.</summary>
    Chain,

    /// <summary>No subject alternative name matches.</summary>
    SubjectAltName,

    /// <summary>Neither the certificate nor its key is a pinned one.</summary>
    Hash,
}

/// <summary>Judges peer certificates as a CertificateValidationContext says; immutable.</summary>
internal sealed class PeerVerifier
{
    private readonly List<Func<SubjectAltNames, bool>> _names = [];
    private readonly HashSet<string> _certificateHashes;
    private readonly HashSet<string> _keyHashes;
    private readonly bool _acceptUntrusted;

    /// <summary>Compiles the rules.</summary>
    /// <exception cref="ConfigurationException">A rule that cannot be honoured.</exception>
    public PeerVerifier(CertificateValidationContext rules)
    {
        Refuse(rules);
        _acceptUntrusted = rules.TrustChainVerification == CertificateValidationContext.Types.TrustChainVerification.AcceptUntrusted;
        _certificateHashes = [.. rules.VerifyCertificateHash.Select(h => h.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant())];
        _keyHashes = [.. rules.VerifyCertificateSpki];
        Policy = MakePolicy(rules);
        for (var i = 0; i < rules.MatchTypedSubjectAltNames.Count; i++)
        {
            _names.Add(Compile(rules.MatchTypedSubjectAltNames[i], $"match_typed_subject_alt_names[{i}]"));
        }

#pragma warning disable CS0612 // Istio still sends it
        var untyped = rules.MatchSubjectAltNames;
#pragma warning restore CS0612
        for (var i = 0; i < untyped.Count; i++)
        {
            var matcher = StringMatcher.Compile(untyped[i], $"match_subject_alt_names[{i}]");
            _names.Add(names => names.All.Any(matcher.Matches));
        }

        if (_names.Count > 0 && !HasTrust)
        {
            throw new ConfigurationException(
                "match_typed_subject_alt_names",
                "SAN-based verification of peer certificates without trusted CA is insecure and not allowed");
        }
    }

    /// <summary>How chains are built; null when the peer is not verified at all (Envoy: no trusted_ca).</summary>
    public X509ChainPolicy? Policy { get; }

    /// <summary>True when chains have to lead to a trusted root.</summary>
    public bool HasTrust => Policy is not null;

    /// <summary>True when a certificate's DNS name is for a host: equal, or a wildcard for its first label (RFC 6125 6.4.3).</summary>
    public static bool DnsMatches(string pattern, string host) =>
        pattern.Equals(host, StringComparison.OrdinalIgnoreCase)
        || (pattern.StartsWith("*.", StringComparison.Ordinal)
            && host.IndexOf('.', StringComparison.Ordinal) is var dot and > 0
            && pattern.AsSpan(1).Equals(host.AsSpan(dot), StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Judges a certificate whose chain was already built by <see cref="Policy"/>. <paramref name="hostName"/>, when given, takes the place
    /// of the configured names (Envoy: auto_san_validation).
    /// </summary>
    public VerifyFailure Verify(X509Certificate? certificate, SslPolicyErrors errors, bool required, string? hostName)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return required ? VerifyFailure.NoCertificate : VerifyFailure.None;
        }

        if (HasTrust && !_acceptUntrusted && (errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return VerifyFailure.Chain;
        }

        if ((_certificateHashes.Count > 0 || _keyHashes.Count > 0) && !IsPinned(leaf))
        {
            return VerifyFailure.Hash;
        }

        if (hostName is null && _names.Count == 0)
        {
            return VerifyFailure.None;
        }

        var names = SubjectAltNames.Of(leaf);
        var matches = hostName is null
            ? _names.Exists(matcher => matcher(names))
            : names.Dns.Any(name => DnsMatches(name, hostName)) || names.Addresses.Contains(hostName);
        return matches ? VerifyFailure.None : VerifyFailure.SubjectAltName;
    }

    private static void Refuse(CertificateValidationContext rules)
    {
        if (rules.CustomValidatorConfig is not null)
        {
            throw new ConfigurationException("custom_validator_config", $"the validator '{rules.CustomValidatorConfig.Name}' is not supported");
        }

        if (rules.Crl is not null)
        {
            throw new ConfigurationException("crl", "certificate revocation lists are not supported");
        }

        if (rules.RequireSignedCertificateTimestamp is { } required && required)
        {
            throw new ConfigurationException("require_signed_certificate_timestamp", "not supported");
        }

        if (rules.CaCertificateProviderInstance is not null)
        {
            throw new ConfigurationException("ca_certificate_provider_instance", "certificate providers are not supported");
        }
    }

    private static X509ChainPolicy? MakePolicy(CertificateValidationContext rules)
    {
        if (rules.TrustedCa is null && rules.SystemRootCerts is null)
        {
            return null;
        }

        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (rules.AllowExpiredCertificate)
        {
            policy.VerificationFlags |= X509VerificationFlags.IgnoreNotTimeValid;
        }

        if (rules.TrustedCa is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            AddRoots(policy.CustomTrustStore, rules);
        }

        return policy;
    }

    private static void AddRoots(X509Certificate2Collection roots, CertificateValidationContext rules)
    {
        try
        {
            roots.ImportFromPem(DataSourceReader.ReadText(rules.TrustedCa));
        }
        catch (CryptographicException e)
        {
            throw new ConfigurationException("trusted_ca", $"Failed to load trusted CA certificates: {e.Message}", e);
        }

        if (roots.Count == 0)
        {
            throw new ConfigurationException("trusted_ca", "Failed to load trusted CA certificates: no PEM certificate in it");
        }
    }

    private static Func<SubjectAltNames, bool> Compile(SubjectAltNameMatcher rule, string path)
    {
        var matcher = StringMatcher.Compile(rule.Matcher, $"{path}.matcher");
        var exact = rule.Matcher.HasExact ? rule.Matcher.Exact : null;
        return rule.SanType switch
        {
            SanType.Dns when exact is not null => names => names.Dns.Any(name => DnsMatches(name, exact)),
            SanType.Dns => names => names.Dns.Any(matcher.Matches),
            SanType.Uri => names => names.Uris.Any(matcher.Matches),
            SanType.Email => names => names.Emails.Any(matcher.Matches),
            SanType.IpAddress => names => names.Addresses.Any(matcher.Matches),
            _ => throw new ConfigurationException($"{path}.san_type", "expected EMAIL, DNS, URI or IP_ADDRESS"),
        };
    }

    private bool IsPinned(X509Certificate2 certificate) =>
        _certificateHashes.Contains(Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span)))
        || _keyHashes.Contains(Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())));
}
