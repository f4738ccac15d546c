using Envoy.Config.Route.V3;
using Lateen.Registry;
using Lateen.Resources.Networking;
using static Lateen.Translation.Tests.Rules;

namespace Lateen.Translation.Tests.Routes;

public sealed class SidecarRoutesTests
{
    private static RouteConfiguration Routes(Mesh mesh, string name, ProxyNode? node = null) =>
        Assert.Single(new ProxyConfiguration(mesh.Build(), node ?? Nodes.Sidecar()).Routes([name]));

    private static string[] Names(RouteConfiguration configuration) => [.. configuration.VirtualHosts.Select(host => host.Name)];

    [Fact]
    public void Virtual_hosts_are_sorted_with_the_catch_all_last()
    {
        var routes = Routes(new Mesh().Service("b", "default", "http:80").Service("a", "default", "http:80")
            .Service("c", "default", "tcp:80"), "80");
        Assert.Equal(["a.default.svc.cluster.local:80", "b.default.svc.cluster.local:80", "allow_any"], Names(routes));
        Assert.True(routes.IgnorePortInHostMatching);
        Assert.False(routes.ValidateClusters);
        Assert.All(routes.VirtualHosts, host => Assert.True(host.IncludeRequestAttemptCount));
        Assert.Equal("default", routes.VirtualHosts[0].Routes[0].Name);
    }

    [Fact]
    public void Registry_only_blocks_other_hosts_with_502()
    {
        var mesh = new Mesh { Settings = MeshSettings.Default with { OutboundTrafficPolicy = OutboundTrafficPolicyMode.RegistryOnly } };
        var last = Routes(mesh.Service("a", "default", "http:80"), "80").VirtualHosts[^1];
        Assert.Equal(("block_all", 502u), (last.Name, last.Routes[0].DirectResponse.Status));
    }

    [Fact]
    public void Hosts_outside_the_registry_exist_on_port_80_only()
    {
        var mesh = new Mesh().Service("a", "default", "http:80", "http-alt:8080")
            .VirtualService("out", ["out.example.com"], [To("a.default.svc.cluster.local")]);
        Assert.Contains("out.example.com:80", Names(Routes(mesh, "80")));
        Assert.DoesNotContain("out.example.com:8080", Names(Routes(mesh, "8080")));
    }

    [Fact]
    public void Of_two_virtual_services_of_one_host_the_older_wins_wholly()
    {
        const string a = "a.default.svc.cluster.local";
        var mesh = new Mesh().Service("a", "default", "http:80")
            .VirtualService("old", [a], [To(a, "old").When(Prefix("/old"))])
            .VirtualService("new", [a], [To(a, "new")]);
        var host = Routes(mesh, "80").VirtualHosts[0];
        Assert.Equal($"outbound|80|old|{a}", Assert.Single(host.Routes).Route_.Cluster);
    }

    [Fact]
    public void A_wildcard_gives_way_to_a_more_specific_host()
    {
        const string a = "a.default.svc.cluster.local";
        var mesh = new Mesh().Service("a", "default", "http:80").Service("b", "default", "http:80")
            .VirtualService("wide", ["*.svc.cluster.local"], [To(a, "wide")])
            .VirtualService("exact", [a], [To(a, "exact")]);
        var routes = Routes(mesh, "80");
        Assert.Equal($"outbound|80|exact|{a}", routes.VirtualHosts[0].Routes[0].Route_.Cluster);
        Assert.Equal($"outbound|80|wide|{a}", routes.VirtualHosts[1].Routes[0].Route_.Cluster);
    }

    [Fact]
    public void A_virtual_service_without_a_route_for_the_port_does_not_exist_there()
    {
        const string a = "a.default.svc.cluster.local";
        var mesh = new Mesh().Service("a", "default", "http:80").VirtualService("a", [a], [To(a, "x")
            .When(Prefix("/") with { Port = 8080 })]);
        Assert.Equal("default", Routes(mesh, "80").VirtualHosts[0].Routes[0].Name);
    }

    [Fact]
    public void A_private_virtual_service_is_not_seen_elsewhere()
    {
        const string a = "a.shop.svc.cluster.local";
        var mesh = new Mesh().Service("a", "shop", "http:80")
            .VirtualService("a", new VirtualServiceSpec { Hosts = [a], Http = [To(a, "x")], ExportTo = ["."] }, "shop");
        Assert.Equal("default", Routes(mesh, "80").VirtualHosts[0].Routes[0].Name);
        Assert.Equal($"outbound|80|x|{a}", Routes(mesh, "80", Nodes.Sidecar("shop")).VirtualHosts[0].Routes[0].Route_.Cluster);
    }

    [Fact]
    public void A_detected_port_has_a_route_configuration_of_its_own_without_catch_all()
    {
        var mesh = new Mesh().Service("a", "default", "web:80").Service("b", "default", "web:80");
        Assert.Equal(["a.default.svc.cluster.local:80"], Names(Routes(mesh, "a.default.svc.cluster.local:80")));
    }

    [Fact]
    public void The_forward_proxy_has_all_ports_and_looks_at_them()
    {
        var mesh = new Mesh().Service("a", "default", "http:80", "http-alt:8080", "tcp:9000");
        var routes = Routes(mesh, "http_proxy", Nodes.Sidecar(mode: InterceptionMode.None));
        Assert.Equal(["a.default.svc.cluster.local:80", "a.default.svc.cluster.local:8080", "allow_any"], Names(routes));
        Assert.False(routes.IgnorePortInHostMatching);
        Assert.Contains("a", routes.VirtualHosts[0].Domains);
        Assert.Contains("a:80", routes.VirtualHosts[0].Domains);
        Assert.All(routes.VirtualHosts[1].Domains, domain => Assert.EndsWith(":8080", domain));
        Assert.Equal("outbound|8080||a.default.svc.cluster.local", routes.VirtualHosts[1].Routes[0].Route_.Cluster);
    }

    [Fact]
    public void The_forward_proxy_leaves_hosts_of_the_registry_to_their_own_ports()
    {
        const string a = "a.default.svc.cluster.local";
        var mesh = new Mesh().Service("a", "default", "http:9080").VirtualService("a", [a], [To(a, "v1")]);
        var routes = Routes(mesh, "http_proxy");
        Assert.Equal([a + ":9080", "allow_any"], Names(routes));
        Assert.Equal($"outbound|9080|v1|{a}", routes.VirtualHosts[0].Routes[0].Route_.Cluster);
    }

    [Fact]
    public void A_name_that_is_no_port_has_no_answer() =>
        Assert.Empty(new ProxyConfiguration(new Mesh().Build(), Nodes.Sidecar()).Routes(["nonsense", "inbound|80||"]));

    [Fact]
    public void An_external_name_is_another_domain_of_its_service()
    {
        var mesh = new Mesh().Service("a", "default", "http:80").Service("old", "default", service => service with
        {
            Resolution = Resolution.Alias,
            ExternalName = "a.default.svc.cluster.local",
        }, "http:80");
        var routes = Routes(mesh, "80");
        Assert.Equal(["a.default.svc.cluster.local:80", "allow_any"], Names(routes));
        Assert.Contains("old", routes.VirtualHosts[0].Domains);
    }
}
