using Lateen.Resources;

namespace Lateen.Translation.Tests;

/// <summary>Proxies to ask for.</summary>
internal static class Nodes
{
    public static ProxyNode Sidecar(
        string @namespace = "default", string address = "10.0.0.9", string app = "client", InterceptionMode mode = InterceptionMode.Redirect) => new()
        {
            NodeId = $"sidecar~{address}~{app}-0.{@namespace}~{@namespace}.svc.cluster.local",
            Type = ProxyType.Sidecar,
            Addresses = [address],
            Id = $"{app}-0.{@namespace}",
            DnsDomain = $"{@namespace}.svc.cluster.local",
            Namespace = @namespace,
            Labels = new Dictionary<string, string> { ["app"] = app },
            Interception = mode,
            HttpProxyPort = mode == InterceptionMode.None ? 15080 : 0,
            ClusterId = "Kubernetes",
        };

    public static ProxyNode Gateway(string address = "10.0.0.1") => new()
    {
        NodeId = $"router~{address}~istio-ingressgateway-0.istio-system~istio-system.svc.cluster.local",
        Type = ProxyType.Router,
        Addresses = [address],
        Id = "istio-ingressgateway-0.istio-system",
        DnsDomain = "istio-system.svc.cluster.local",
        Namespace = "istio-system",
        Labels = new Dictionary<string, string> { ["app"] = "istio-ingressgateway", ["istio"] = "ingressgateway" },
        ClusterId = "Kubernetes",
    };
}
