using Lateen.Resources.Networking;

namespace Lateen.Validation.Networking;

/// <summary>TLS towards destinations (DR-100 to DR-108).</summary>
internal static class ClientTlsRules
{
    public static void Check(ClientTlsSettings? tls, string ns, Field at)
    {
        if (tls is null) return;
        CheckCredentialName(tls.CredentialName, ns, at["credentialName"]);
        bool mutual = tls.Mode == ClientTlsMode.Mutual;
        bool named = !string.IsNullOrEmpty(tls.CredentialName);
        if (tls.InsecureSkipVerify == true && (mutual || tls.Mode == ClientTlsMode.Simple))
        {
            string rule = mutual ? "DR-104" : "DR-103";
            at["caCertificates"].Require(rule, string.IsNullOrEmpty(tls.CaCertificates), "cannot go with insecureSkipVerify");
            at["subjectAltNames"].Require(rule, tls.SubjectAltNames.IsEmpty, "cannot go with insecureSkipVerify");
            at["credentialName"].Require(rule, mutual || !named, "cannot go with insecureSkipVerify");
        }
        if (named && (mutual || tls.Mode == ClientTlsMode.Simple))
        {
            bool files = !string.IsNullOrEmpty(tls.ClientCertificate) || !string.IsNullOrEmpty(tls.PrivateKey)
                || !string.IsNullOrEmpty(tls.CaCertificates) || !string.IsNullOrEmpty(tls.CaCrl);
            at["credentialName"].Require("DR-105", !files, "cannot go with clientCertificate, privateKey, caCertificates or caCrl");
        }
        else if (mutual)
        {
            at["clientCertificate"].Require("DR-106", !string.IsNullOrEmpty(tls.ClientCertificate), "is needed for MUTUAL");
            at["privateKey"].Require("DR-107", !string.IsNullOrEmpty(tls.PrivateKey), "is needed for MUTUAL");
        }
    }

    // H-14: of the schemes only configmap:// is looked at.
    private static void CheckCredentialName(string? name, string ns, Field at)
    {
        const string Scheme = "configmap://";
        if (name?.StartsWith(Scheme, StringComparison.Ordinal) != true) return;
        string[] parts = name[Scheme.Length..].Split('/');
        bool good = parts.Length >= 2 && parts[0].Length > 0 && parts[1].Length > 0;
        if (at.Require("DR-101", good, "must be configmap://namespace/name"))
            at.Require("DR-102", ns.Length > 0 && parts[0] == ns, "must be in the object's own namespace");
    }
}
