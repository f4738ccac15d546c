using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Google.Protobuf.Collections;
using Lateen.Resources;
using Lateen.Resources.Networking;
using static Lateen.Translation.Tests.Rules;
using AppendAction = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;
using CorsConfig = Envoy.Extensions.Filters.Http.Cors.V3.CorsPolicy;
using CorsPolicy = Lateen.Resources.Networking.CorsPolicy;
using FaultAbort = Lateen.Resources.Networking.FaultAbort;

namespace Lateen.Translation.Tests.Routes;

/// <summary>Single routes of a VirtualService for service a, port 80, from a sidecar.</summary>
public sealed class RouteActionTests
{
    private const string A = "a.default.svc.cluster.local";
    private const string B = "b.default.svc.cluster.local";

    private static Route Translate(HttpRoute route, Mesh? mesh = null) => TranslateAll([route], mesh)[0];

    private static RepeatedField<Route> TranslateAll(HttpRoute[] routes, Mesh? mesh = null)
    {
        mesh ??= new Mesh();
        mesh.Service("a", "default", "http:80").Service("b", "default", "http:8080", "http-admin:9000").VirtualService("a", [A], routes);
        var configuration = new ProxyConfiguration(mesh.Build(), Nodes.Sidecar()).Routes(["80"])[0];
        return configuration.VirtualHosts.First(host => host.Name == A + ":80").Routes;
    }

    [Fact]
    public void Destination_port_is_the_named_one_else_the_only_one_else_the_listeners()
    {
        Assert.Equal($"outbound|9000||{B}", Translate(To(B, port: 9000)).Route_.Cluster);
        Assert.Equal($"outbound|80|v1|{A}", Translate(To(A, "v1")).Route_.Cluster);
        Assert.Equal($"outbound|80||{B}", Translate(To(B)).Route_.Cluster);
        Assert.Equal("outbound|80||unknown.example.com", Translate(To("unknown.example.com")).Route_.Cluster);
    }

    [Fact]
    public void Without_timeout_there_is_none_and_default_retries_are_istios()
    {
        var action = Translate(To(A)).Route_;
        Assert.Equal(TimeSpan.Zero, action.Timeout.ToTimeSpan());
        Assert.Equal(TimeSpan.Zero, action.MaxGrpcTimeout.ToTimeSpan());
        Assert.Equal("connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes", action.RetryPolicy.RetryOn);
        Assert.Equal(2u, action.RetryPolicy.NumRetries);
        Assert.Empty(action.RetryPolicy.RetriableStatusCodes);
        Assert.Equal(5, action.RetryPolicy.HostSelectionRetryMaxAttempts);
        Assert.Equal("envoy.retry_host_predicates.previous_hosts", Assert.Single(action.RetryPolicy.RetryHostPredicate).Name);
        Assert.Null(action.RetryPolicy.PerTryTimeout);
    }

    [Fact]
    public void Retries_of_the_user_override_what_they_set()
    {
        var policy = Translate(To(A) with
        {
            Retries = new HttpRetry
            {
                Attempts = 5,
                RetryOn = "503, gateway-error ,429",
                PerTryTimeout = Duration.FromMilliseconds(250),
                Backoff = Duration.FromMilliseconds(10),
                RetryRemoteLocalities = true,
                RetryIgnorePreviousHosts = false,
            },
        }).Route_.RetryPolicy;
        Assert.Equal(5u, policy.NumRetries);
        Assert.Equal("gateway-error,retriable-status-codes", policy.RetryOn);
        Assert.Equal([503u, 429u], policy.RetriableStatusCodes);
        Assert.Equal(TimeSpan.FromMilliseconds(250), policy.PerTryTimeout.ToTimeSpan());
        Assert.Equal(TimeSpan.FromMilliseconds(10), policy.RetryBackOff.BaseInterval.ToTimeSpan());
        Assert.Equal("envoy.retry_priorities.previous_priorities", policy.RetryPriority.Name);
        Assert.Empty(policy.RetryHostPredicate);
    }

    [Fact]
    public void Zero_attempts_switch_retries_off() => Assert.Null(Translate(To(A) with { Retries = new HttpRetry() }).Route_.RetryPolicy);

    [Fact]
    public void Mesh_wide_retries_hold_where_a_route_says_nothing()
    {
        var mesh = new Mesh { Settings = Registry.MeshSettings.Default with { DefaultHttpRetryPolicy = new HttpRetry { Attempts = 7 } } };
        Assert.Equal(7u, Translate(To(A), mesh).Route_.RetryPolicy.NumRetries);
    }

    [Fact]
    public void Several_destinations_are_weighted_without_those_of_weight_zero()
    {
        var action = Translate(Split(Target(A, 90, "v1"), Target(A, 0, "v2"), Target(A, 10, "v3"))).Route_;
        Assert.Equal(
            [($"outbound|80|v1|{A}", 90u), ($"outbound|80|v3|{A}", 10u)],
            action.WeightedClusters.Clusters.Select(cluster => (cluster.Name, cluster.Weight!.Value)));
    }

    [Fact]
    public void Headers_are_set_before_added_and_the_authority_becomes_a_rewrite()
    {
        var route = Translate(To(A) with
        {
            Headers = new Headers
            {
                Request = new HeaderOperations
                {
                    Set = new Dictionary<string, string> { ["x-b"] = "1", ["host"] = "other", ["x-a"] = "2" },
                    Add = new Dictionary<string, string> { ["x-c"] = "3" },
                    Remove = ["x-d", ":path"],
                },
                Response = new HeaderOperations { Remove = ["server"] },
            },
        });
        Assert.Equal(
            [("x-a", AppendAction.OverwriteIfExistsOrAdd), ("x-b", AppendAction.OverwriteIfExistsOrAdd), ("x-c", AppendAction.AppendIfExistsOrAdd)],
            route.RequestHeadersToAdd.Select(option => (option.Header.Key, option.AppendAction)));
        Assert.Equal(["x-d"], route.RequestHeadersToRemove);
        Assert.Equal(["server"], route.ResponseHeadersToRemove);
        Assert.Equal("other", route.Route_.HostRewriteLiteral);
    }

    [Fact]
    public void Rewrites()
    {
        Assert.Equal("/v2", Translate(To(A) with { Rewrite = new HttpRewrite { Uri = "/v2", Authority = "x" } }).Route_.PrefixRewrite);
        Assert.Equal("x", Translate(To(A) with { Rewrite = new HttpRewrite { Uri = "/v2", Authority = "x" } }).Route_.HostRewriteLiteral);
        var regex = Translate(To(A) with
        {
            Rewrite = new HttpRewrite { UriRegexRewrite = new RegexRewrite { Match = "/(.*)", Rewrite = "/x/\\1" } },
        }).Route_.RegexRewrite;
        Assert.Equal(("/(.*)", "/x/\\1"), (regex.Pattern.Regex, regex.Substitution));
    }

    [Fact]
    public void A_redirect_beats_a_direct_response_beats_forwarding()
    {
        var response = new HttpDirectResponse { Status = 418, Body = new HttpBody { String = "short and stout" } };
        var redirect = new HttpRedirect { Uri = "/new", Authority = "n", Scheme = "https", RedirectCode = 308, Port = 8443 };
        var both = Translate(To(A) with { DirectResponse = response, Redirect = redirect }).Redirect;
        Assert.Equal(("/new", "n", "https", 8443u), (both.PathRedirect, both.HostRedirect, both.SchemeRedirect, both.PortRedirect));
        Assert.Equal(RedirectAction.Types.RedirectResponseCode.PermanentRedirect, both.ResponseCode);
        var direct = Translate(To(A) with { DirectResponse = response }).DirectResponse;
        Assert.Equal((418u, "short and stout"), (direct.Status, direct.Body.InlineString));
    }

    [Fact]
    public void The_requests_port_is_left_out_of_a_redirect_where_the_scheme_implies_it()
    {
        static uint Port(string? scheme) => Translate(new HttpRoute
        {
            Redirect = new HttpRedirect { Scheme = scheme, DerivePort = RedirectPortSelection.FromRequestPort },
        }).Redirect.PortRedirect;
        Assert.Equal(0u, Port(null));
        Assert.Equal(80u, Port("https"));
    }

    [Fact]
    public void Mirrors_have_a_share_and_keep_the_host()
    {
        var mirrors = Translate(To(A) with
        {
            Mirror = new Destination { Host = B, Port = new PortSelector { Number = 8080 } },
            MirrorPercentage = new Percent { Value = 12.5 },
        }).Route_.RequestMirrorPolicies;
        var mirror = Assert.Single(mirrors);
        Assert.Equal($"outbound|8080||{B}", mirror.Cluster);
        Assert.Equal(125_000u, mirror.RuntimeFraction.DefaultValue.Numerator);
        Assert.True(mirror.DisableShadowHostSuffixAppend);
        Assert.False(mirror.TraceSampled);
        Assert.Empty(Translate(To(A) with { Mirror = new Destination { Host = B }, MirrorPercentage = new Percent { Value = 0 } })
            .Route_.RequestMirrorPolicies);
    }

    [Fact]
    public void Faults_and_cors_are_the_filters_configuration_on_the_route()
    {
        var route = Translate(To(A) with
        {
            Fault = new HttpFaultInjection
            {
                Delay = new FaultDelay { FixedDelay = Duration.FromSeconds(2), Percentage = new Percent { Value = 0.5 } },
                Abort = new FaultAbort { GrpcStatus = "RESOURCE_EXHAUSTED", Percentage = new Percent { Value = 100 } },
            },
            CorsPolicy = new CorsPolicy
            {
                AllowOrigins = [new StringMatch { Exact = "https://a" }],
                AllowMethods = ["GET", "PUT"],
                MaxAge = Duration.FromSeconds(90),
                UnmatchedPreflights = UnmatchedPreflights.Ignore,
            },
        });
        var fault = route.TypedPerFilterConfig["envoy.filters.http.fault"].Unpack<HTTPFault>();
        Assert.Equal((2, 5_000u), (fault.Delay.FixedDelay.Seconds, fault.Delay.Percentage.Numerator));
        Assert.Equal((8u, 1_000_000u), (fault.Abort.GrpcStatus, fault.Abort.Percentage.Numerator));
        var cors = route.TypedPerFilterConfig["envoy.filters.http.cors"].Unpack<CorsConfig>();
        Assert.Equal(("GET,PUT", "90", false), (cors.AllowMethods, cors.MaxAge, cors.ForwardNotMatchingPreflights));
    }

    [Fact]
    public void Names_metadata_and_operation_tell_where_a_route_comes_from()
    {
        var route = Translate((To(A) with { Name = "main" }).When(Prefix("/x") with { Name = "x" }));
        Assert.Equal("main.x", route.Name);
        Assert.Equal(A + ":80/x*", route.Decorator.Operation);
        Assert.Equal(
            "/apis/networking.istio.io/v1/namespaces/default/virtual-service/a",
            route.Metadata.FilterMetadata["istio"].Fields["config"].StringValue);
        Assert.Equal("a:80/*", Translate(Split(Target(A, 1), Target(B, 1))).Decorator.Operation);
    }

    [Fact]
    public void Consistent_hash_gives_a_policy_and_keeps_previous_hosts_allowed()
    {
        var mesh = new Mesh().DestinationRule("a", A, new TrafficPolicy
        {
            LoadBalancer = new LoadBalancerSettings { ConsistentHash = new ConsistentHashLoadBalancer { HttpHeaderName = "x-user" } },
        });
        var action = Translate(To(A), mesh).Route_;
        Assert.Equal("x-user", Assert.Single(action.HashPolicy).Header.HeaderName);
        Assert.Empty(action.RetryPolicy.RetryHostPredicate);
    }

    [Fact]
    public void Nothing_follows_a_route_that_takes_everything()
    {
        var routes = TranslateAll([To(A).When(Prefix("/x")), To(A).When(Prefix("/")), To(B).When(Prefix("/y"))]);
        Assert.Equal(["/x", "/"], routes.Select(route => route.Match.Prefix));
    }

    [Fact]
    public void Matches_for_other_ports_sources_and_gateways_are_left_out()
    {
        var routes = TranslateAll(
        [
            To(A).When(Prefix("/port") with { Port = 81 }),
            To(A).When(Prefix("/label") with { SourceLabels = new Dictionary<string, string> { ["app"] = "stranger" } }),
            To(A).When(Prefix("/own") with { SourceLabels = new Dictionary<string, string> { ["app"] = "client" } }),
            To(A).When(Prefix("/ns") with { SourceNamespace = "elsewhere" }),
            To(A).When(Prefix("/gw") with { Gateways = ["default/gw"] }),
            To(A).When(Prefix("/mesh") with { Gateways = ["mesh"], SourceNamespace = "elsewhere" }),
        ]);
        Assert.Equal(["/own", "/mesh"], routes.Select(route => route.Match.Prefix));
    }
}
