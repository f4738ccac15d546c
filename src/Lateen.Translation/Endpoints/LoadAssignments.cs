using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;
using Lateen.Translation.Naming;
using EndpointAddress = Envoy.Config.Endpoint.V3.Endpoint;
using ServiceEndpoint = Lateen.Registry.Endpoint;

namespace Lateen.Translation.Endpoints;

/// <summary>The endpoints of outbound clusters, by locality.</summary>
internal sealed class LoadAssignments(ProxyView view)
{
    /// <summary>
    /// The endpoints of a cluster by its name. Every name gets an answer: an unknown service has no endpoints. A client that
    /// waits for a cluster would otherwise wait for ever.
    /// </summary>
    public ClusterLoadAssignment Build(string clusterName)
    {
        var assignment = new ClusterLoadAssignment { ClusterName = clusterName };
        if (ClusterName.TryParseOutbound(clusterName, out var port, out var subset, out var host) && view.Service(host) is { } service)
            assignment.Endpoints.Add(Localities(service, port, subset, dns: false));
        return assignment;
    }

    /// <summary>Endpoints grouped by locality, localities by name; a locality weighs as much as its endpoints.</summary>
    /// <param name="service">The service.</param>
    /// <param name="port">Its port.</param>
    /// <param name="subset">The subset, or empty.</param>
    /// <param name="dns">Addresses may be names.</param>
    public IEnumerable<LocalityLbEndpoints> Localities(Service service, int port, string subset, bool dns)
    {
        var rules = view.Policy(service);
        var policy = rules.For(port, subset);
        var labels = rules.Subsets.FirstOrDefault(candidate => candidate.Name == subset)?.Labels ?? default;
        if (subset.Length > 0 && rules.Subsets.All(candidate => candidate.Name != subset)) return [];
        var sendUnhealthy = policy.OutlierDetection is not { MinHealthPercent: > 0 };
        return view.Snapshot.EndpointsOf(service, (uint)port)
            .Where(endpoint => labels.Selects(endpoint.Labels))
            .Where(endpoint => sendUnhealthy || endpoint.Health == EndpointHealth.Healthy)
            .Where(endpoint => dns || IsAddress(endpoint.Address))
            .GroupBy(endpoint => endpoint.Locality, StringComparer.Ordinal)
            .OrderBy(locality => locality.Key, StringComparer.Ordinal)
            .Select(locality => Group(locality.Key, locality.Select(endpoint => Translate(endpoint, policy))));
    }

    private static LocalityLbEndpoints Group(string locality, IEnumerable<LbEndpoint> endpoints)
    {
        var group = new LocalityLbEndpoints { LbEndpoints = { endpoints } };
        group.LoadBalancingWeight = (uint)group.LbEndpoints.Sum(endpoint => endpoint.LoadBalancingWeight ?? 1);
        var parts = locality.Split('/');
        group.Locality = new Locality
        {
            Region = parts[0],
            Zone = parts.Length > 1 ? parts[1] : "",
            SubZone = parts.Length > 2 ? parts[2] : "",
        };
        return group;
    }

    private LbEndpoint Translate(ServiceEndpoint endpoint, TrafficPolicy policy)
    {
        var result = new LbEndpoint
        {
            Endpoint = new EndpointAddress { Address = AddressOf(endpoint) },
            HealthStatus = endpoint.Health == EndpointHealth.Healthy ? HealthStatus.Healthy : HealthStatus.Unhealthy,
            LoadBalancingWeight = Math.Max(endpoint.Weight, 1),
            Metadata = new Metadata(),
        };
        if (TakesMutualTls(endpoint, policy))
        {
            result.Metadata.FilterMetadata[FilterNames.TransportSocketMatch] =
                new Struct { Fields = { ["tlsMode"] = Value.ForString(TlsModes.Istio) } };
        }
        if (endpoint.WorkloadName.Length > 0 || endpoint.Workload is not null)
            result.Metadata.IstioStruct().Fields["workload"] = Value.ForString(Describe(endpoint));
        return result;
    }

    private bool TakesMutualTls(ServiceEndpoint endpoint, TrafficPolicy policy) => policy.Tls is { } chosen
        ? chosen.Mode == ClientTlsMode.IstioMutual
        : endpoint.TlsMode == TlsModes.Istio
            && view.PeerAuthentication.ForPort(endpoint.Namespace, endpoint.Labels, endpoint.Port) != MutualTlsMode.Disable;

    /// <summary>Who answers, for metrics of clients that no metadata exchange tells: workload;namespace;service;revision;cluster.</summary>
    private string Describe(ServiceEndpoint endpoint)
    {
        var service = FirstLabel(endpoint.Labels, "service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
            ?? endpoint.WorkloadName;
        var revision = FirstLabel(endpoint.Labels, "service.istio.io/canonical-revision", "app.kubernetes.io/version", "version");
        if (revision == "latest") revision = null;
        return string.Join(';', endpoint.WorkloadName, endpoint.Namespace, service, revision, view.Node.ClusterId);
    }

    private static string? FirstLabel(EquatableMap<string> labels, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (labels.TryGetValue(name, out var value) && value.Length > 0) return value;
        return null;
    }

    private static Address AddressOf(ServiceEndpoint endpoint) => IsPath(endpoint.Address)
        ? Messages.Pipe(endpoint.Address["unix://".Length..])
        : Messages.Socket(endpoint.Address, (int)endpoint.Port);

    private static bool IsPath(string address) => address.StartsWith("unix://", StringComparison.Ordinal);

    private static bool IsAddress(string address) => IsPath(address) || IPAddress.TryParse(address, out _);
}
