using Lateen.Resources.Networking;
using Lateen.Validation.Grammar;

namespace Lateen.Validation.Networking;

/// <summary>TLS of servers, of Gateways and of Sidecars' inbound listeners (GW-18 to GW-35).</summary>
internal static class ServerTlsRules
{
    public static void Check(ServerTlsSettings? tls, bool http, Field at)
    {
        if (tls is null) return;
        if (tls.HttpsRedirect && !http) at["httpsRedirect"].Warning("GW-18", "has an effect on plain HTTP servers only");
        CheckSchema(tls, at);
        CheckCiphers(tls, at);
        if (tls.Mode == ServerTlsMode.IstioMutual)
        {
            CheckNoCertificates(tls, at);
            return;
        }
        if (tls.Mode is ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough)
        {
            if (HasCertificates(tls)) at.Warning("GW-23", "in this mode TLS is not terminated, so certificates are not used");
        }
        bool named = !string.IsNullOrEmpty(tls.CredentialName) || !tls.CredentialNames.IsEmpty;
        CheckSources(tls, at);
        if (tls.Mode is ServerTlsMode.Simple or ServerTlsMode.Mutual or ServerTlsMode.OptionalMutual && !named) CheckCertificates(tls, at);
        else at["caCrl"].Require("GW-30", tls.Mode is not (ServerTlsMode.Passthrough or ServerTlsMode.AutoPassthrough)
            || string.IsNullOrEmpty(tls.CaCrl) || string.IsNullOrEmpty(tls.CredentialName), "cannot go with credentialName");
    }

    // What the CRD itself asks for.
    private static void CheckSchema(ServerTlsSettings tls, Field at)
    {
        Field names = at["credentialNames"];
        Field certificates = at["tlsCertificates"];
        names.Require("GW-32", !(names.Written && certificates.Written), "cannot go with tlsCertificates");
        names.Require("GW-32", !(names.Written && at["credentialName"].Written), "cannot go with credentialName");
        names.Require("GW-33", !names.Written || tls.CredentialNames.Count is 1 or 2, "must have one or two entries");
        certificates.Require("GW-33", !certificates.Written || tls.TlsCertificates.Count is 1 or 2, "must have one or two entries");
    }

    private static void CheckCiphers(ServerTlsSettings tls, Field at)
    {
        if (tls.MinProtocolVersion is TlsProtocol.TlsV10 or TlsProtocol.TlsV11 && tls.CipherSuites.IsEmpty)
            at["minProtocolVersion"].Warning("GW-19", "versions before 1.2 need cipherSuites that they have");
        string[] unknown = [.. tls.CipherSuites.Where(suite => !CipherSuites.IsValid(suite)).Distinct().Order(StringComparer.Ordinal)];
        string[] twice = [.. tls.CipherSuites.Where(CipherSuites.IsValid).GroupBy(suite => suite).Where(suites => suites.Count() > 1)
            .Select(suites => suites.Key).Order(StringComparer.Ordinal)];
        if (unknown.Length > 0) at["cipherSuites"].Warning("GW-20", $"unknown, so left out: {string.Join(", ", unknown)}");
        if (twice.Length > 0) at["cipherSuites"].Warning("GW-21", $"there twice: {string.Join(", ", twice)}");
    }

    private static void CheckNoCertificates(ServerTlsSettings tls, Field at)
    {
        foreach ((string field, bool set) in CertificateFields(tls).Where(field => field.Field != "caCrl"))
            at[field].Require("GW-22", !set, "cannot go with mode ISTIO_MUTUAL, which uses the mesh's own certificates");
    }

    private static bool HasCertificates(ServerTlsSettings tls) => CertificateFields(tls).Any(field => field.Set);

    private static (string Field, bool Set)[] CertificateFields(ServerTlsSettings tls) =>
    [
        ("serverCertificate", !string.IsNullOrEmpty(tls.ServerCertificate)),
        ("privateKey", !string.IsNullOrEmpty(tls.PrivateKey)),
        ("caCertificates", !string.IsNullOrEmpty(tls.CaCertificates)),
        ("caCrl", !string.IsNullOrEmpty(tls.CaCrl)),
        ("tlsCertificates", !tls.TlsCertificates.IsEmpty),
        ("credentialName", !string.IsNullOrEmpty(tls.CredentialName)),
        ("credentialNames", !tls.CredentialNames.IsEmpty),
    ];

    private static void CheckSources(ServerTlsSettings tls, Field at)
    {
        int sources = (!string.IsNullOrEmpty(tls.ServerCertificate) && !string.IsNullOrEmpty(tls.PrivateKey) ? 1 : 0)
            + (string.IsNullOrEmpty(tls.CredentialName) ? 0 : 1) + (tls.CredentialNames.IsEmpty ? 0 : 1) + (tls.TlsCertificates.IsEmpty ? 0 : 1);
        at.Require("GW-24", sources <= 1, "only one of serverCertificate with privateKey, credentialName, credentialNames and tlsCertificates may be set");
    }

    private static void CheckCertificates(ServerTlsSettings tls, Field at)
    {
        if (tls.Mode is ServerTlsMode.Mutual or ServerTlsMode.OptionalMutual)
            at["caCertificates"].Require("GW-26", !string.IsNullOrEmpty(tls.CaCertificates), "is needed to verify clients, or credentialName");
        else
            at["caCrl"].Require("GW-31", string.IsNullOrEmpty(tls.CaCrl), "cannot go with mode SIMPLE, which asks clients for no certificate");
        if (tls.TlsCertificates.IsEmpty)
        {
            CheckPair(tls.ServerCertificate, tls.PrivateKey, at);
            return;
        }
        if (tls.TlsCertificates.Count > 2) at["tlsCertificates"].Warning("GW-27", "only two are used");
        for (int i = 0; i < tls.TlsCertificates.Count; i++)
            CheckPair(tls.TlsCertificates[i].ServerCertificate, tls.TlsCertificates[i].PrivateKey, at["tlsCertificates"][i]);
    }

    private static void CheckPair(string? certificate, string? key, Field at)
    {
        at["serverCertificate"].Require("GW-28", !string.IsNullOrEmpty(certificate), "is needed, or credentialName");
        at["privateKey"].Require("GW-29", !string.IsNullOrEmpty(key), "is needed, or credentialName");
    }
}
