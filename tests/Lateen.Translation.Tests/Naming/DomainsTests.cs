using Lateen.Registry;
using Lateen.Translation.Naming;

namespace Lateen.Translation.Tests.Naming;

public sealed class DomainsTests
{
    private static Service Reviews(string @namespace = "shop") => new()
    {
        Hostname = $"reviews.{@namespace}.svc.cluster.local",
        Name = "reviews",
        Namespace = @namespace,
        Provider = ServiceProvider.Kubernetes,
        Addresses = ["10.96.0.7"],
    };

    [Fact]
    public void Own_namespace_has_all_short_forms_in_istios_order() => Assert.Equal(
        ["reviews.shop.svc.cluster.local", "reviews.shop.svc.cluster.local.", "reviews", "reviews.shop.svc", "reviews.shop", "10.96.0.7"],
        Domains.Of(Reviews(), [], "shop.svc.cluster.local", null).All);

    [Fact]
    public void Other_namespaces_need_the_namespace() => Assert.Equal(
        ["reviews.shop.svc.cluster.local", "reviews.shop.svc.cluster.local.", "reviews.shop", "reviews.shop.svc", "10.96.0.7"],
        Domains.Of(Reviews(), [], "other.svc.cluster.local", null).All);

    [Fact]
    public void With_a_port_every_domain_has_two_forms() => Assert.Equal(
        [
            "reviews.shop.svc.cluster.local", "reviews.shop.svc.cluster.local:9080", "reviews.shop.svc.cluster.local.",
            "reviews.shop.svc.cluster.local.:9080", "reviews", "reviews:9080", "reviews.shop.svc", "reviews.shop.svc:9080",
            "reviews.shop", "reviews.shop:9080", "10.96.0.7", "10.96.0.7:9080",
        ],
        Domains.Of(Reviews(), [], "shop.svc.cluster.local", 9080).All);

    [Fact]
    public void Hosts_outside_the_cluster_domain_have_no_short_forms()
    {
        var external = Reviews() with { Hostname = "api.example.com", Provider = ServiceProvider.External, Addresses = ["0.0.0.0"] };
        Assert.Equal(["api.example.com", "api.example.com."], Domains.Of(external, [], "shop.svc.cluster.local", null).All);
    }

    [Fact]
    public void Headless_services_also_have_their_pods_names_and_addresses_stay_as_they_are()
    {
        var headless = Reviews() with { Resolution = Resolution.Passthrough, Addresses = ["2001:db8::1"] };
        var domains = Domains.Of(headless, [], "other.svc.cluster.local", null).All;
        Assert.Contains("*.reviews.shop.svc.cluster.local", domains);
        Assert.Contains("*.reviews.shop", domains);
        Assert.Equal("[2001:db8::1]", domains[^1]);
    }

    [Fact]
    public void Aliases_are_expanded_too() => Assert.Contains(
        "old.shop",
        Domains.Of(Reviews(), ["old.shop.svc.cluster.local"], "other.svc.cluster.local", null).All);
}
