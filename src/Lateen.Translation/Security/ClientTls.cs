using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.RawBuffer.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Registry;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;
using Lateen.Translation.Naming;
using SocketMatch = Envoy.Config.Cluster.V3.Cluster.Types.TransportSocketMatch;

namespace Lateen.Translation.Security;

/// <summary>How a client connects to a cluster: as its DestinationRule says, else with mutual TLS where the endpoint takes it.</summary>
internal sealed class ClientTls(ProxyView view)
{
    private const string TlsMode = "tlsMode";

    /// <param name="cluster">Gets its transport socket or socket matches.</param>
    /// <param name="service">The service.</param>
    /// <param name="policy">The policy that holds for the cluster.</param>
    /// <param name="serverName">The server name of Istio mTLS.</param>
    /// <param name="http2">The cluster speaks HTTP/2 only.</param>
    /// <returns>True when the user chose ordinary TLS, to which no Istio protocols may be offered.</returns>
    public bool Apply(Cluster cluster, Service service, TrafficPolicy policy, string serverName, bool http2)
    {
        if (policy.Tls is { } chosen) return ApplyChosen(cluster, service, policy, chosen, serverName, http2);
        if (!IsAutomatic(service, policy)) return false;
        var socket = MutualTls.Socket(MutualTls.Client(serverName, Identities(service), http2));
        if (cluster.Type == Cluster.Types.DiscoveryType.OriginalDst) cluster.TransportSocket = socket;
        else cluster.TransportSocketMatches.Add(Matches(socket));
        return false;
    }

    private bool ApplyChosen(
        Cluster cluster, Service service, TrafficPolicy policy, ClientTlsSettings chosen, string serverName, bool http2)
    {
        switch (chosen.Mode)
        {
            case ClientTlsMode.IstioMutual:
                var sni = string.IsNullOrEmpty(chosen.Sni) ? serverName : chosen.Sni;
                var names = chosen.SubjectAltNames.IsEmpty ? Identities(service) : chosen.SubjectAltNames;
                cluster.TransportSocket = MutualTls.Socket(MutualTls.Client(sni, names, http2));
                return false;
            case ClientTlsMode.Simple or ClientTlsMode.Mutual:
                cluster.TransportSocket = MutualTls.Socket(Ordinary(service, chosen, HasSelector(service, policy), http2));
                return true;
            default:
                return false;
        }
    }

    /// <summary>The service's identities, under every name of the mesh's trust domain.</summary>
    private IEnumerable<string> Identities(Service service)
    {
        var local = $"spiffe://{view.Mesh.TrustDomain}/";
        return service.ServiceAccounts.SelectMany(identity => identity.StartsWith(local, StringComparison.Ordinal)
            ? view.Mesh.TrustDomainAliases.Select(alias => $"spiffe://{alias}/{identity[local.Length..]}").Prepend(identity)
            : [identity]).Distinct(StringComparer.Ordinal);
    }

    /// <summary>Mutual TLS without being asked for: for services of the mesh, unless their namespace has it switched off.</summary>
    private bool IsAutomatic(Service service, TrafficPolicy policy)
    {
        if (!view.Mesh.EnableAutoMtls || service.MeshExternal) return false;
        if (service.Resolution == Resolution.Passthrough || policy.LoadBalancer?.Simple == SimpleLoadBalancer.Passthrough)
        {
            var endpoints = view.Snapshot.EndpointsOf(service.Key);
            if (endpoints.IsEmpty || endpoints.Any(endpoint => endpoint.TlsMode != TlsModes.Istio)) return false;
        }
        return view.PeerAuthentication.ForNamespace(service.Namespace) != MutualTlsMode.Disable;
    }

    /// <summary>Credentials by name are a gateway's; a sidecar may use them only by a rule that is for certain workloads.</summary>
    private bool HasSelector(Service service, TrafficPolicy policy) =>
        policy.Tls is not null && view.Policy(service).Rule?.Spec.WorkloadSelector is not null;

    private UpstreamTlsContext Ordinary(Service service, ClientTlsSettings chosen, bool selected, bool http2)
    {
        var common = new CommonTlsContext { TlsParams = MutualTls.ClientParameters() };
        if (http2) common.AlpnProtocols.Add("h2");
        var credential = view.Node.Type == ProxyType.Router || selected ? chosen.CredentialName : null;
        if (chosen.Mode == ClientTlsMode.Mutual && Certificate(chosen, credential) is { } certificate)
            common.TlsCertificateSdsSecretConfigs.Add(certificate);
        if (chosen.InsecureSkipVerify != true)
        {
            var roots = string.IsNullOrEmpty(credential)
                ? Secrets.FromAgent(Secrets.FileRoots(string.IsNullOrEmpty(chosen.CaCertificates) ? "system" : chosen.CaCertificates))
                : Secrets.ByName(Secrets.CredentialRoots(credential));
            var names = chosen.SubjectAltNames.IsEmpty ? service.ServiceAccounts : chosen.SubjectAltNames;
            common.CombinedValidationContext = MutualTls.Validation(roots, [.. names.Select(name => new StringMatcher { Exact = name })]);
        }
        return new UpstreamTlsContext { Sni = chosen.Sni ?? "", CommonTlsContext = common };
    }

    private static SdsSecretConfig? Certificate(ClientTlsSettings chosen, string? credential)
    {
        if (!string.IsNullOrEmpty(credential)) return Secrets.ByName(Secrets.CredentialName(credential));
        return string.IsNullOrEmpty(chosen.ClientCertificate)
            ? null
            : Secrets.FromAgent(Secrets.FileCertificate(chosen.ClientCertificate, chosen.PrivateKey ?? ""));
    }

    /// <summary>The first match that an endpoint's metadata satisfies decides; the second takes every other endpoint.</summary>
    private static SocketMatch[] Matches(TransportSocket socket)
    {
        var istio = new Struct { Fields = { [TlsMode] = Value.ForString(TlsModes.Istio) } };
        var plain = new TransportSocket { Name = FilterNames.RawBufferSocket, TypedConfig = new RawBuffer().Packed() };
        return
        [
            new SocketMatch { Name = "tlsMode-istio", Match = istio, TransportSocket = socket },
            new SocketMatch { Name = "tlsMode-disabled", Match = new Struct(), TransportSocket = plain },
        ];
    }
}
