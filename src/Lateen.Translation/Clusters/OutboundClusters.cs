using Envoy.Config.Cluster.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Registry;
using Lateen.Resources.Networking;
using Lateen.Translation.Endpoints;
using Lateen.Translation.Naming;
using Lateen.Translation.Security;
using DiscoveryType = Envoy.Config.Cluster.V3.Cluster.Types.DiscoveryType;
using Exchange = Lateen.Xds.Istio.MetadataExchange.MetadataExchange;
using Metadata = Envoy.Config.Core.V3.Metadata;
using ServicePort = Lateen.Registry.ServicePort;

namespace Lateen.Translation.Clusters;

/// <summary>The clusters of services: for every port a default one and one per subset, whether a route names it or not.</summary>
internal sealed class OutboundClusters(ProxyView view)
{
    private readonly ClientTls tls = new(view);
    private readonly LoadAssignments endpoints = new(view);

    public IEnumerable<Cluster> Build()
    {
        foreach (var service in view.Services)
        {
            foreach (var port in service.Ports.AsEnumerable())
            {
                if (port.Protocol == Protocol.Udp || service.Resolution == Resolution.DynamicDns) continue;
                foreach (var subset in view.Policy(service).Subsets.Select(subset => subset.Name).Prepend(""))
                    if (Build(service, port, subset) is { } cluster) yield return cluster;
            }
        }
    }

    /// <returns>Null for a DNS service without endpoints: there is nothing to resolve.</returns>
    private Cluster? Build(Service service, ServicePort port, string subset)
    {
        var number = (int)port.Number;
        var name = ClusterName.Outbound(number, subset, service.Hostname);
        var rules = view.Policy(service);
        var policy = rules.For(number, subset);
        var cluster = new Cluster
        {
            Name = name,
            AltStatName = ClusterName.Statistics(name),
            CommonLbConfig = new Cluster.Types.CommonLbConfig(),
            Metadata = MetadataOf(service, rules.Rule, subset),
            Filters = { PeerExchange() },
        };
        if (!SetDiscovery(cluster, service, port, subset)) return null;
        var protocol = ProtocolOf(port, policy);
        ConnectionPools.Apply(cluster, protocol, policy, view.Mesh);
        OutlierDetections.Apply(cluster, policy.OutlierDetection);
        LoadBalancers.Apply(cluster, policy.LoadBalancer);
        ApplyTls(cluster, service, policy, protocol, ClusterName.ServerName(number, subset, service.Hostname));
        protocol.ApplyTo(cluster);
        return cluster;
    }

    private void ApplyTls(Cluster cluster, Service service, TrafficPolicy policy, UpstreamProtocol protocol, string serverName)
    {
        if (!tls.Apply(cluster, service, policy, serverName, protocol.IsHttp2)) return;
        cluster.Metadata.IstioStruct().Fields["alpn_override"] = Value.ForString("false");
        if (policy.Tls is not { } chosen || !string.IsNullOrEmpty(chosen.Sni)) return;
        var named = !chosen.SubjectAltNames.IsEmpty || !service.ServiceAccounts.IsEmpty;
        protocol.TakeServerNameFromRequest(validate: !named && chosen.InsecureSkipVerify != true);
    }

    /// <summary>The client side of the exchange of peer metadata over TCP.</summary>
    public static Filter PeerExchange() => new()
    {
        Name = FilterNames.MetadataExchange,
        TypedConfig = new Exchange { Protocol = Alpn.PeerExchange, EnableDiscovery = true }.Packed(),
    };

    public static void AddService(Metadata metadata, Service service)
    {
        var fields = metadata.IstioStruct().Fields;
        if (!fields.TryGetValue("services", out var services)) fields["services"] = services = Value.ForList();
        services.ListValue.Values.Add(Value.ForStruct(new Struct
        {
            Fields =
            {
                ["host"] = Value.ForString(service.Hostname),
                ["name"] = Value.ForString(service.Name),
                ["namespace"] = Value.ForString(service.Namespace),
            },
        }));
    }

    private static Metadata MetadataOf(Service service, DestinationRule? rule, string subset)
    {
        var metadata = rule is null ? new Metadata() : Messages.ConfigMetadata("destination-rule", rule.Name, rule.Namespace);
        if (subset.Length > 0) metadata.IstioStruct().Fields["subset"] = Value.ForString(subset);
        if (service.MeshExternal) metadata.IstioStruct().Fields["external"] = Value.ForBool(true);
        AddService(metadata, service);
        return metadata;
    }

    private bool SetDiscovery(Cluster cluster, Service service, ServicePort port, string subset)
    {
        switch (service.Resolution)
        {
            case Resolution.DnsLb or Resolution.DnsRoundRobinLb:
                return SetDns(cluster, service, port, subset);
            // Without capture there is no original destination: the registry's endpoints do instead, as on gateways.
            case Resolution.Passthrough when view.Node.CapturesTraffic:
                LoadBalancers.PassThrough(cluster);
                if (port.TargetPort != 0 && port.TargetPort != port.Number)
                    cluster.OriginalDstLbConfig = new Cluster.Types.OriginalDstLbConfig { UpstreamPortOverride = port.TargetPort };
                return true;
            default:
                cluster.Type = DiscoveryType.Eds;
                cluster.EdsClusterConfig =
                    new Cluster.Types.EdsClusterConfig { EdsConfig = Messages.AdsWithoutTimeout(), ServiceName = cluster.Name };
                return true;
        }
    }

    private bool SetDns(Cluster cluster, Service service, ServicePort port, string subset)
    {
        cluster.Type = service.Resolution == Resolution.DnsLb ? DiscoveryType.StrictDns : DiscoveryType.LogicalDns;
        cluster.DnsLookupFamily = view.Node.IsIpv6 ? Cluster.Types.DnsLookupFamily.V6Only : Cluster.Types.DnsLookupFamily.V4Only;
        cluster.DnsRefreshRate = view.Mesh.DnsRefreshRate.Value.ToProto();
        cluster.RespectDnsTtl = true;
        cluster.LoadAssignment = new Envoy.Config.Endpoint.V3.ClusterLoadAssignment { ClusterName = cluster.Name };
        cluster.LoadAssignment.Endpoints.Add(endpoints.Localities(service, (int)port.Number, subset, dns: true));
        return cluster.LoadAssignment.Endpoints.Count > 0;
    }

    private UpstreamProtocol ProtocolOf(ServicePort port, TrafficPolicy policy)
    {
        var protocol = new UpstreamProtocol();
        var upgrade = policy.ConnectionPool?.Http?.H2UpgradePolicy ?? H2UpgradePolicy.Default;
        var upgraded = upgrade == H2UpgradePolicy.Upgrade
            || (upgrade == H2UpgradePolicy.Default && view.Mesh.H2UpgradePolicy == H2UpgradePolicy.Upgrade
                && port.Protocol == Protocol.Http);
        if (port.Protocol.IsHttp2() || (upgraded && !port.Protocol.IsTcp())) protocol.UseHttp2();
        else if (port.Protocol.IsDetected() && view.Node.Type == ProxyType.Sidecar) protocol.UseClientProtocol();
        return protocol;
    }
}
