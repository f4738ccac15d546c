using System.Globalization;
using System.Net;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Registry;
using Lateen.Resources;

namespace Lateen.Translation;

/// <summary>What a proxy is: decides which half of the configuration it gets.</summary>
public enum ProxyType
{
    /// <summary>Beside a workload.</summary>
    Sidecar,

    /// <summary>A gateway.</summary>
    Router,
}

/// <summary>How a sidecar comes by the traffic of its workload.</summary>
public enum InterceptionMode
{
    /// <summary>Redirected by packet filter rules (the default).</summary>
    Redirect,

    /// <summary>By transparent proxying, keeping source addresses.</summary>
    Tproxy,

    /// <summary>Not at all: applications speak to the proxy by themselves.</summary>
    None,
}

/// <summary>Who a proxy is, read from the node it sends on its xDS stream. Immutable.</summary>
public sealed record ProxyNode
{
    /// <summary>The whole node id, <c>type~ip~pod.namespace~domain</c>.</summary>
    public required string NodeId { get; init; }

    /// <summary>Sidecar or gateway.</summary>
    public required ProxyType Type { get; init; }

    /// <summary>Its addresses, the first one being the one it listens on. At least one.</summary>
    public required EquatableArray<string> Addresses { get; init; }

    /// <summary>The third part of the node id, usually <c>pod.namespace</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The DNS domain of its workload, usually <c>namespace.svc.cluster.local</c>.</summary>
    public required string DnsDomain { get; init; }

    /// <summary>The namespace whose configuration it gets.</summary>
    public required string Namespace { get; init; }

    /// <summary>The workload's labels.</summary>
    public EquatableMap<string> Labels { get; init; }

    /// <summary>How traffic reaches it.</summary>
    public InterceptionMode Interception { get; init; }

    /// <summary>The port of its HTTP forward proxy; 0 for none (metadata HTTP_PROXY_PORT, else the mesh setting).</summary>
    public int HttpProxyPort { get; init; }

    /// <summary>The service account of its workload.</summary>
    public string ServiceAccount { get; init; } = "";

    /// <summary>The name of its workload.</summary>
    public string WorkloadName { get; init; } = "";

    /// <summary>The cluster it runs in.</summary>
    public string ClusterId { get; init; } = "";

    /// <summary>The network it is on.</summary>
    public string Network { get; init; } = "";

    /// <summary>The Kubernetes node it runs on.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>The version it says it has.</summary>
    public string Version { get; init; } = "";

    /// <summary>Where it runs, <c>region/zone/subzone</c>, as far as the node says.</summary>
    public string Locality { get; init; } = "";

    /// <summary>How long its TCP and HTTP connections may be idle; null for the mesh's value.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>HTTP/1.0 is accepted.</summary>
    public bool Http10 { get; init; }

    /// <summary>It may not bind ports below 1024.</summary>
    public bool Unprivileged { get; init; }

    /// <summary>It resolves names itself and so sees automatically allocated addresses.</summary>
    public bool AutoAllocatedAddresses { get; init; }

    /// <summary>All metadata as sent.</summary>
    public Struct Metadata { get; init; } = new();

    /// <summary>The name of its pod or replica: the id without its namespace.</summary>
    public string PodName => Id.EndsWith("." + Namespace, StringComparison.Ordinal) ? Id[..^(Namespace.Length + 1)] : Id;

    /// <summary>True for a sidecar in front of traffic that was redirected to it.</summary>
    public bool CapturesTraffic => Type == ProxyType.Sidecar && Interception != InterceptionMode.None;

    /// <summary>The wildcard address of the proxy's first address family.</summary>
    public string WildcardAddress => IsIpv6 ? "::" : "0.0.0.0";

    /// <summary>The loopback address of the proxy's first address family.</summary>
    public string LoopbackAddress => IsIpv6 ? "::1" : "127.0.0.1";

    /// <summary>True when its first address is an IPv6 one.</summary>
    public bool IsIpv6 => Addresses[0].Contains(':', StringComparison.Ordinal);

    /// <summary>Reads a node as Istio's agent writes it.</summary>
    /// <exception cref="FormatException">The id has not four parts, the type is not served, or there is no valid address.</exception>
    public static ProxyNode From(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var parts = node.Id.Split('~');
        if (parts.Length != 4)
            throw new FormatException($"node id '{node.Id}': expected TYPE~IP~POD.NAMESPACE~DNS-DOMAIN, found {parts.Length} parts");
        var metadata = new NodeMetadata(node.Metadata ?? new Struct());
        var dnsDomain = parts[3];
        return new ProxyNode
        {
            NodeId = node.Id,
            Type = ReadType(node.Id, parts[0]),
            Addresses = ReadAddresses(node.Id, metadata.Text("INSTANCE_IPS"), parts[1]),
            Id = parts[2],
            DnsDomain = dnsDomain,
            Namespace = metadata.Text("NAMESPACE") is { Length: > 0 } given ? given : dnsDomain.Split('.')[0],
            Labels = metadata.Labels(),
            Interception = ReadInterception(node.Id, metadata.Text("INTERCEPTION_MODE")),
            HttpProxyPort = metadata.Port("HTTP_PROXY_PORT", node.Id),
            ServiceAccount = metadata.Text("SERVICE_ACCOUNT"),
            WorkloadName = metadata.Text("WORKLOAD_NAME"),
            ClusterId = metadata.Text("CLUSTER_ID"),
            Network = metadata.Text("NETWORK"),
            NodeName = metadata.Text("NODE_NAME"),
            Version = metadata.Text("ISTIO_VERSION"),
            Locality = node.Locality is { } at ? $"{at.Region}/{at.Zone}/{at.SubZone}".TrimEnd('/') : "",
            IdleTimeout = metadata.Duration("IDLE_TIMEOUT", node.Id),
            Http10 = metadata.Text("HTTP10") == "1",
            Unprivileged = metadata.Flag("UNPRIVILEGED_POD"),
            AutoAllocatedAddresses = metadata.Flag("DNS_CAPTURE") && metadata.Flag("DNS_AUTO_ALLOCATE"),
            Metadata = node.Metadata ?? new Struct(),
        };
    }

    /// <summary>The gateway that runs as a workload, as far as the registry knows it.</summary>
    internal static ProxyNode GatewayOf(Workload workload) => new()
    {
        NodeId = "",
        Type = ProxyType.Router,
        Addresses = [workload.Address],
        Id = $"{workload.Name}.{workload.Namespace}",
        DnsDomain = "",
        Namespace = workload.Namespace,
        Labels = workload.Labels,
    };

    private static ProxyType ReadType(string nodeId, string type) => type switch
    {
        "sidecar" => ProxyType.Sidecar,
        "router" => ProxyType.Router,
        _ => throw new FormatException($"node id '{nodeId}': type '{type}' is not served, expected sidecar or router"),
    };

    private static EquatableArray<string> ReadAddresses(string nodeId, string instanceIps, string idAddress)
    {
        var given = instanceIps.Length > 0 ? instanceIps.Split(',', StringSplitOptions.TrimEntries) : [idAddress];
        var valid = given.Where(text => IPAddress.TryParse(text, out _)).ToEquatableArray();
        return !valid.IsEmpty
            ? valid
            : throw new FormatException($"node id '{nodeId}': no valid IP address in '{string.Join(',', given)}'");
    }

    private static InterceptionMode ReadInterception(string nodeId, string mode) => mode switch
    {
        "" or "REDIRECT" => InterceptionMode.Redirect,
        "TPROXY" => InterceptionMode.Tproxy,
        "NONE" => InterceptionMode.None,
        _ => throw new FormatException($"node '{nodeId}': INTERCEPTION_MODE '{mode}' is not one of REDIRECT, TPROXY, NONE"),
    };

    /// <summary>Node metadata: every scalar is a string on the wire, though numbers and booleans are understood too.</summary>
    private sealed class NodeMetadata(Struct fields)
    {
        public string Text(string key) => fields.Fields.TryGetValue(key, out var value) ? TextOf(value) : "";

        public bool Flag(string key) => Text(key) is "true" or "1";

        public int Port(string key, string nodeId)
        {
            var text = Text(key);
            if (text.Length == 0) return 0;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535
                ? port
                : throw new FormatException($"node '{nodeId}': {key} '{text}' is not a port");
        }

        public TimeSpan? Duration(string key, string nodeId)
        {
            var text = Text(key);
            if (text.Length == 0) return null;
            return Resources.Duration.TryParse(text, out var duration)
                ? duration.Value
                : throw new FormatException($"node '{nodeId}': {key} '{text}' is not a duration such as 90s or 1h30m");
        }

        public EquatableMap<string> Labels() =>
            fields.Fields.TryGetValue("LABELS", out var labels) && labels.StructValue is { } map
                ? new(map.Fields.Select(label => KeyValuePair.Create(label.Key, TextOf(label.Value))))
                : default;

        private static string TextOf(Value value) => value.KindCase switch
        {
            Value.KindOneofCase.StringValue => value.StringValue,
            Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
            Value.KindOneofCase.NumberValue => value.NumberValue.ToString(CultureInfo.InvariantCulture),
            _ => "",
        };
    }
}
