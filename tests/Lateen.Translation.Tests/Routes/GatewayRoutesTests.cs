using Envoy.Config.Route.V3;
using Lateen.Resources.Networking;
using static Lateen.Translation.Tests.Rules;

namespace Lateen.Translation.Tests.Routes;

public sealed class GatewayRoutesTests
{
    private const string A = "a.default.svc.cluster.local";

    private static Mesh Mesh() => new Mesh().Service("a", "default", "http:80").Service("b", "default", "http:80");

    private static RouteConfiguration Routes(Mesh mesh, string name) =>
        Assert.Single(new ProxyConfiguration(mesh.Build(), Nodes.Gateway()).Routes([name]));

    [Fact]
    public void Hosts_are_the_more_specific_of_server_and_virtual_service()
    {
        var mesh = Mesh().Gateway("gw", "default", Server(80, "HTTP", ["*.example.com", "exact.org"]))
            .VirtualService("vs", ["a.Example.com".ToLowerInvariant(), "*.org", "other.net"], [To(A).When(Prefix("/"))], ["default/gw"]);
        var routes = Routes(mesh, "http.80");
        Assert.Equal(["a.example.com:80"], routes.VirtualHosts.Select(host => host.Name));
        Assert.Equal(["a.example.com", "exact.org"], routes.VirtualHosts[0].Domains);
        Assert.True(routes.IgnorePortInHostMatching);
    }

    [Fact]
    public void Virtual_services_of_one_host_add_up_and_catch_alls_go_last()
    {
        var mesh = Mesh().Gateway("gw", "default", Server(80, "HTTP", ["*"]))
            .VirtualService("first", ["x.com"], [To(A, "rest")], ["default/gw"])
            .VirtualService("second", ["x.com"], [To(A, "two").When(Prefix("/two")), To(A, "three")
            .When(Prefix("/three"))], ["default/gw"]);
        var host = Assert.Single(Routes(mesh, "http.80").VirtualHosts);
        Assert.Equal(["two", "three", "rest"], host.Routes.Select(route => route.Route_.Cluster.Split('|')[2]));
    }

    [Fact]
    public void A_gateway_without_routes_answers_404_everywhere()
    {
        var host = Assert.Single(Routes(Mesh().Gateway("gw", "default", Server(80, "HTTP", ["*"])), "http.80").VirtualHosts);
        Assert.Equal("blackhole:80", host.Name);
        Assert.Empty(host.Routes);
    }

    [Fact]
    public void An_unknown_name_has_an_empty_answer() => Assert.Empty(Routes(Mesh(), "http.81").VirtualHosts);

    [Fact]
    public void A_namespace_in_the_servers_host_limits_who_may_attach()
    {
        var mesh = Mesh().Gateway("gw", "default", Server(80, "HTTP", ["./x.com", "other/y.com"]))
            .VirtualService("own", ["x.com", "y.com"], [To(A)], ["default/gw"])
            .VirtualService("foreign", ["x.com", "y.com"], [To(A, "foreign")], ["default/gw"], "other");
        var routes = Routes(mesh, "http.80");
        Assert.Equal(["x.com:80", "y.com:80"], routes.VirtualHosts.Select(host => host.Name));
        Assert.Equal($"outbound|80||{A}", Assert.Single(routes.VirtualHosts[0].Routes).Route_.Cluster);
        Assert.Equal($"outbound|80|foreign|{A}", Assert.Single(routes.VirtualHosts[1].Routes).Route_.Cluster);
    }

    [Fact]
    public void Redirect_to_https_also_without_a_virtual_service()
    {
        var redirect = new ServerTlsSettings { HttpsRedirect = true };
        var mesh = Mesh().Gateway("gw", "default", Server(80, "HTTP", ["x.com", "y.com"], redirect))
            .VirtualService("vs", ["x.com"], [To(A)], ["default/gw"]);
        var routes = Routes(mesh, "http.80");
        Assert.Equal(["x.com:80", "y.com:80"], routes.VirtualHosts.Select(host => host.Name));
        Assert.All(routes.VirtualHosts, host => Assert.Equal(VirtualHost.Types.TlsRequirementType.All, host.RequireTls));
    }

    [Fact]
    public void An_https_server_has_routes_of_its_own()
    {
        var tls = new ServerTlsSettings { Mode = ServerTlsMode.Simple, CredentialName = "cert" };
        var mesh = Mesh().Gateway("gw", "default", Server(443, "HTTPS", ["x.com"], tls))
            .VirtualService("vs", ["x.com"], [To(A).When(Prefix("/") with { Port = 443 })], ["default/gw"]);
        var host = Assert.Single(Routes(mesh, "https.443.https-443.gw.default").VirtualHosts);
        Assert.Equal("x.com:443", host.Name);
    }

    [Fact]
    public void Match_ports_are_the_gateways_not_the_bound_ones()
    {
        var mesh = new Mesh().Service("istio-ingressgateway", "istio-system", "http2:80:8080").Service("a", "default", "http:80")
            .Workload("istio-ingressgateway", "istio-system", "10.0.0.1")
            .Gateway("gw", "default", Server(80, "HTTP", ["*"]))
            .VirtualService("vs", ["x.com"], [To(A).When(Prefix("/") with { Port = 80 })], ["default/gw"]);
        Assert.Equal("x.com:80", Assert.Single(Routes(mesh, "http.8080").VirtualHosts).Name);
    }
}
