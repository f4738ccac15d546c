using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Clusters;

/// <summary>One endpoint of an assignment; names are not resolved yet.</summary>
internal sealed record EndpointSpec(EndPoint Address, HostDescription Description);

/// <summary>A ClusterLoadAssignment, compiled for one cluster.</summary>
internal sealed class Assignment
{
    private const int MaxPriority = 128;

    public static readonly Assignment Empty = new([], new Dictionary<(Locality, int), uint>(), 140, null);

    private readonly Dictionary<(Locality Locality, int Priority), uint> _localityWeights;

    private Assignment(
        IReadOnlyList<EndpointSpec> endpoints, Dictionary<(Locality, int), uint> localityWeights, uint factor, DropOverload? drop)
    {
        (Endpoints, _localityWeights, OverprovisioningFactor, Drop) = (endpoints, localityWeights, factor, drop);
    }

    public IReadOnlyList<EndpointSpec> Endpoints { get; }

    public uint OverprovisioningFactor { get; }

    /// <summary>Share of requests to refuse; null for none.</summary>
    public DropOverload? Drop { get; }

    /// <exception cref="ConfigurationException">An endpoint that cannot be honoured.</exception>
    public static Assignment Compile(ClusterLoadAssignment proto, ClusterModel model)
    {
        var endpoints = new List<EndpointSpec>();
        var weights = new Dictionary<(Locality, int), uint>();
        var totals = new Dictionary<int, ulong>();
        for (var l = 0; l < proto.Endpoints.Count; l++)
        {
            var path = $"endpoints[{l}]";
            var group = proto.Endpoints[l];
            if (group.Priority > MaxPriority)
                throw new ConfigurationException($"{path}.priority", $"expected at most {MaxPriority}, got {group.Priority}");
            if (group.LedsClusterLocalityConfig is not null)
                throw new ConfigurationException($"{path}.leds_cluster_locality_config", "endpoint discovery by locality is not supported");
            var locality = group.Locality ?? new Locality();
            weights[(locality, (int)group.Priority)] = group.LoadBalancingWeight ?? 0;
            totals[(int)group.Priority] = totals.GetValueOrDefault((int)group.Priority) + (group.LoadBalancingWeight ?? 0);
            if (totals[(int)group.Priority] > uint.MaxValue)
                throw new ConfigurationException($"{path}.load_balancing_weight", $"the sum of weights at a priority exceeds {uint.MaxValue}");
            AddEndpoints(group, locality, model, path, endpoints);
        }

        return new Assignment(endpoints, weights, Factor(proto), DropOverload.Compile(proto.Policy));
    }

    public uint LocalityWeight(Locality locality, int priority) => _localityWeights.GetValueOrDefault((locality, priority));

    private static void AddEndpoints(
        LocalityLbEndpoints group, Locality locality, ClusterModel model, string path, List<EndpointSpec> endpoints)
    {
        ulong sum = 0;
        for (var e = 0; e < group.LbEndpoints.Count; e++)
        {
            var at = $"{path}.lb_endpoints[{e}]";
            var proto = group.LbEndpoints[e];
            if (proto.Endpoint is null)
                throw new ConfigurationException($"{at}.endpoint", "expected an endpoint");
            if (proto.LoadBalancingWeight is 0)
                throw new ConfigurationException($"{at}.load_balancing_weight", "expected at least 1");
            var address = Addresses.Compile(proto.Endpoint.Address, $"{at}.endpoint.address");
            if (address is DnsEndPoint name && model.Type is not (DiscoveryType.StrictDns or DiscoveryType.LogicalDns))
                throw new ConfigurationException($"{at}.endpoint.address", $"malformed IP address: {name.Host}");
            sum += proto.LoadBalancingWeight ?? 1;
            endpoints.Add(new EndpointSpec(address, new HostDescription
            {
                Hostname = proto.Endpoint.Hostname.Length > 0 ? proto.Endpoint.Hostname : (address as DnsEndPoint)?.Host ?? "",
                Weight = proto.LoadBalancingWeight ?? 1,
                Priority = (int)group.Priority,
                Locality = locality,
                Metadata = proto.Metadata,
                IsCanary = IsCanary(proto.Metadata),
                EdsStatus = proto.HealthStatus,
                AdditionalAddresses = [.. proto.Endpoint.AdditionalAddresses.Select(
                    (a, i) => Addresses.Compile(a.Address, $"{at}.endpoint.additional_addresses[{i}]"))],
                Transport = model.Transports.Select(proto.Metadata, group.Metadata),
            }));
        }

        if (sum > uint.MaxValue)
            throw new ConfigurationException($"{path}.lb_endpoints", $"the sum of weights exceeds {uint.MaxValue}");
    }

    private static uint Factor(ClusterLoadAssignment proto) =>
        (proto.Policy?.OverprovisioningFactor ?? 140) is > 0 and var factor
            ? factor : throw new ConfigurationException("policy.overprovisioning_factor", "expected more than 0");

    private static bool IsCanary(Metadata? metadata) =>
        metadata is not null && metadata.FilterMetadata.TryGetValue("envoy.lb", out var lb)
        && lb.Fields.TryGetValue("canary", out var canary) && canary.BoolValue;
}

/// <summary>A share of a cluster's requests that is refused to protect it (EDS <c>drop_overloads</c>).</summary>
/// <param name="Category">Its name.</param>
/// <param name="Share">Its size.</param>
public sealed record DropOverload(string Category, Fraction Share)
{
    internal static DropOverload? Compile(ClusterLoadAssignment.Types.Policy? policy) => policy?.DropOverloads.Count switch
    {
        null or 0 => null,
        1 => new DropOverload(
            policy.DropOverloads[0].Category,
            Fraction.Compile(policy.DropOverloads[0].DropPercentage, "policy.drop_overloads[0].drop_percentage")),
        _ => throw new ConfigurationException("policy.drop_overloads", "expected at most one"),
    };
}
