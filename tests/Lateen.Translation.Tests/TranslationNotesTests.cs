using Lateen.Resources;
using Lateen.Resources.Networking;
using static Lateen.Translation.Tests.Rules;

namespace Lateen.Translation.Tests;

public sealed class TranslationNotesTests
{
    [Fact]
    public void A_mesh_that_is_wholly_translated_has_no_notes() => Assert.Empty(TranslationNotes.Of(Bookinfo.Mesh().Build()));

    [Fact]
    public void Servers_that_conflict_on_a_gateway_of_the_mesh_are_named()
    {
        var mesh = new Mesh()
            .Workload("gw", "istio-system", "10.0.0.1", change: workload =>
                workload with { Labels = workload.Labels.With("istio", "ingressgateway") })
            .Gateway("old", "default", Server(8080, "HTTP", ["*"])).Gateway("new", "default", Server(8080, "TCP", ["*"]));
        var note = Assert.Single(TranslationNotes.Of(mesh.Build()));
        Assert.Equal("Gateway default/new spec.servers[port 8080]: port 8080 is already taken by default/old for another protocol", note.ToString());
    }

    [Fact]
    public void Fields_without_effect_are_named_with_their_path()
    {
        var mesh = new Mesh()
            .VirtualService("vs", ["a"],
            [
                To("a"),
                new HttpRoute { Delegate = new HttpDelegate { Name = "other" } },
                To("a").When(new HttpMatchRequest { Headers = new Dictionary<string, StringMatch> { ["@request.auth.claims[sub]"] = new() { Exact = "x" } } }),
            ])
            .DestinationRule("dr", "a", new TrafficPolicy
            {
                Tunnel = new TunnelSettings { TargetHost = "x", TargetPort = 1 },
                PortLevelSettings = [new PortTrafficPolicy { LoadBalancer = new LoadBalancerSettings { LocalityLbSetting = new LocalityLoadBalancerSetting() } }],
            });
        Assert.Equal(
            [
                "VirtualService default/vs spec.http[1].delegate",
                "VirtualService default/vs spec.http[2].match.headers",
                "DestinationRule default/dr spec.trafficPolicy.tunnel",
                "DestinationRule default/dr spec.trafficPolicy.portLevelSettings[0].loadBalancer.localityLbSetting",
            ],
            TranslationNotes.Of(mesh.Build()).Select(note => note.ToString().Split(':')[0]));
    }
}
