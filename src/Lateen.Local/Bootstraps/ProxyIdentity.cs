using System.Globalization;
using System.Text.Json.Nodes;
using Lateen.Local.Workloads;
using Lateen.Registry;

namespace Lateen.Local.Bootstraps;

/// <summary>Whether a proxy stands beside an application or at the mesh's edge.</summary>
public enum ProxyKind
{
    /// <summary>Beside one replica.</summary>
    Sidecar,

    /// <summary>At the edge.</summary>
    Router,
}

/// <summary>What a proxy says of itself to the control plane: Envoy's node, with the metadata Istio's agent puts there.</summary>
/// <param name="kind">Its kind.</param>
/// <param name="workload">The workload it belongs to.</param>
public sealed class ProxyIdentity(ProxyKind kind, Workload workload)
{
    /// <summary>The version of Istio whose behaviour is asked for.</summary>
    private const string IstioVersion = "1.27.0";

    /// <summary><c>sidecar~IP~POD.NAMESPACE~NAMESPACE.svc.cluster.local</c>.</summary>
    public string NodeId => $"{(kind == ProxyKind.Sidecar ? "sidecar" : "router")}~{workload.Address}~{workload.Name}.{workload.Namespace}~{workload.Namespace}.svc.cluster.local";

    /// <summary>The service the proxy belongs to: Istio's <c>APP_LABEL_AND_NAMESPACE</c>.</summary>
    public string Cluster => $"{App()}.{workload.Namespace}";

    /// <summary>The node, as JSON of Envoy's <c>config.core.v3.Node</c>.</summary>
    public JsonObject ToJson() => new()
    {
        ["id"] = NodeId,
        ["cluster"] = Cluster,
        ["metadata"] = Metadata(),
    };

    private JsonObject Metadata()
    {
        var metadata = new JsonObject
        {
            ["ANNOTATIONS"] = Map(workload.Annotations),
            ["CLUSTER_ID"] = "Kubernetes",
            ["INSTANCE_IPS"] = workload.Address,
            ["INTERCEPTION_MODE"] = "NONE",
            ["ISTIO_VERSION"] = IstioVersion,
            ["LABELS"] = Map(workload.Labels),
            ["MESH_ID"] = "cluster.local",
            ["NAME"] = workload.Name,
            ["NAMESPACE"] = workload.Namespace,
            ["NODE_NAME"] = workload.Node,
            ["OWNER"] = $"kubernetes://apis/apps/v1/namespaces/{workload.Namespace}/deployments/{workload.WorkloadName}",
            ["POD_PORTS"] = Ports(),
            ["SERVICE_ACCOUNT"] = workload.ServiceAccount,
            ["WORKLOAD_NAME"] = workload.WorkloadName,
        };
        if (kind == ProxyKind.Sidecar)
            metadata["HTTP_PROXY_PORT"] = SidecarPorts.HttpProxy.ToString(CultureInfo.InvariantCulture);
        else
            metadata.Remove("INTERCEPTION_MODE");
        return metadata;
    }

    private string App() =>
        workload.Labels.GetValueOrDefault("app") ?? workload.Labels.GetValueOrDefault("app.kubernetes.io/name") ?? workload.WorkloadName;

    // A JSON list in a string, as the injector's environment variable has it.
    private string Ports() => new JsonArray([.. workload.Ports.Select(port =>
    {
        var item = new JsonObject();
        if (port.Name is not null)
            item["name"] = port.Name;
        item["containerPort"] = port.Port;
        item["protocol"] = port.Protocol;
        return (JsonNode)item;
    })]).ToJsonString();

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string>> map) =>
        new(map.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, entry.Value)));
}
