using System.Diagnostics.CodeAnalysis;

namespace Lateen.Identity;

/// <summary>Who a workload is: its service account in a trust domain, as the SPIFFE URI of its certificate says.</summary>
/// <param name="TrustDomain">For example <c>cluster.local</c>.</param>
/// <param name="Namespace">Namespace of the service account.</param>
/// <param name="ServiceAccount">Name of the service account.</param>
public sealed record WorkloadIdentity(string TrustDomain, string Namespace, string ServiceAccount)
{
    private const string Scheme = "spiffe://";

    /// <summary>The URI <c>spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/SERVICEACCOUNT</c>.</summary>
    public override string ToString() => $"{Scheme}{TrustDomain}/ns/{Namespace}/sa/{ServiceAccount}";

    /// <summary>Reads a SPIFFE URI of Istio's form.</summary>
    public static bool TryParse(string? uri, [NotNullWhen(true)] out WorkloadIdentity? identity)
    {
        identity = null;
        if (uri is null || !uri.StartsWith(Scheme, StringComparison.Ordinal))
            return false;
        if (uri[Scheme.Length..].Split('/') is not [{ Length: > 0 } trustDomain, "ns", { Length: > 0 } ns, "sa", { Length: > 0 } serviceAccount])
            return false;
        identity = new(trustDomain, ns, serviceAccount);
        return true;
    }
}
