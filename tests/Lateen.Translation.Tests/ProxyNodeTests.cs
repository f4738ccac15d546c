using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;

namespace Lateen.Translation.Tests;

public sealed class ProxyNodeTests
{
    [Fact]
    public void Node_of_a_local_sidecar_is_read()
    {
        var node = ProxyNode.From(Node("sidecar~127.64.1.3~reviews-v1-0.shop~shop.svc.cluster.local", new()
        {
            ["INTERCEPTION_MODE"] = "NONE",
            ["HTTP_PROXY_PORT"] = "15080",
            ["SERVICE_ACCOUNT"] = "reviews",
            ["CLUSTER_ID"] = "Kubernetes",
            ["IDLE_TIMEOUT"] = "1h30m",
        }, labels: new() { ["app"] = "reviews" }));

        Assert.Equal(ProxyType.Sidecar, node.Type);
        Assert.Equal(["127.64.1.3"], node.Addresses);
        Assert.Equal("shop", node.Namespace);
        Assert.Equal("reviews-v1-0", node.PodName);
        Assert.Equal("reviews", node.Labels["app"]);
        Assert.Equal(InterceptionMode.None, node.Interception);
        Assert.False(node.CapturesTraffic);
        Assert.Equal(15080, node.HttpProxyPort);
        Assert.Equal(TimeSpan.FromMinutes(90), node.IdleTimeout);
    }

    [Fact]
    public void Instance_addresses_and_namespace_of_the_metadata_win_over_the_id()
    {
        var node = ProxyNode.From(Node("router~1.1.1.1~gw.a~a.svc.cluster.local", new() { ["INSTANCE_IPS"] = "10.0.0.1,fe80::1", ["NAMESPACE"] = "b" }));
        Assert.Equal(["10.0.0.1", "fe80::1"], node.Addresses);
        Assert.Equal("b", node.Namespace);
        Assert.Equal(ProxyType.Router, node.Type);
    }

    [Theory]
    [InlineData("sidecar~1.1.1.1~pod.ns", "4 parts|expected TYPE~IP")]
    [InlineData("ztunnel~1.1.1.1~pod.ns~ns.svc.cluster.local", "type 'ztunnel' is not served")]
    [InlineData("sidecar~nowhere~pod.ns~ns.svc.cluster.local", "no valid IP address in 'nowhere'")]
    public void Bad_ids_are_refused_with_the_reason(string id, string reason)
    {
        var error = Assert.Throws<FormatException>(() => ProxyNode.From(new Node { Id = id }));
        Assert.Contains(reason.Split('|')[^1], error.Message);
        Assert.Contains(id, error.Message);
    }

    [Theory]
    [InlineData("INTERCEPTION_MODE", "SOMETIMES")]
    [InlineData("HTTP_PROXY_PORT", "70000")]
    [InlineData("IDLE_TIMEOUT", "soon")]
    public void Bad_metadata_is_refused_by_name(string key, string value)
    {
        var error = Assert.Throws<FormatException>(() =>
            ProxyNode.From(Node("sidecar~1.1.1.1~pod.ns~ns.svc.cluster.local", new() { [key] = value })));
        Assert.Contains(key, error.Message);
        Assert.Contains(value, error.Message);
    }

    private static Node Node(string id, Dictionary<string, string> metadata, Dictionary<string, string>? labels = null)
    {
        var node = new Node { Id = id, Metadata = new Struct() };
        foreach (var (key, value) in metadata) node.Metadata.Fields[key] = Value.ForString(value);
        if (labels is null) return node;
        var map = new Struct();
        foreach (var (key, value) in labels) map.Fields[key] = Value.ForString(value);
        node.Metadata.Fields["LABELS"] = Value.ForStruct(map);
        return node;
    }
}
