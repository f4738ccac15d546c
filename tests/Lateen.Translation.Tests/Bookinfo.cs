using Lateen.Registry;
using Lateen.Resources;
using Lateen.Resources.Networking;
using Lateen.Resources.Security;

namespace Lateen.Translation.Tests;

/// <summary>A bookstore like the sample: four services, three versions of reviews, a gateway, a service outside, strict mTLS.</summary>
internal static class Bookinfo
{
    public const string Reviews = "reviews.default.svc.cluster.local";
    public const string Ratings = "ratings.default.svc.cluster.local";
    public const string ProductPage = "productpage.default.svc.cluster.local";
    public const string Details = "details.default.svc.cluster.local";

    public static Mesh Mesh()
    {
        var mesh = new Mesh
        {
            Settings = MeshSettings.Default with
            {
                AccessLogFile = "/dev/stdout",
                DefaultProviders = new DefaultProviders { Metrics = ["prometheus"] },
            },
        };
        mesh.Service("istio-ingressgateway", "istio-system", "http2:80:8080", "https:443:8443")
            .Service("productpage", "default", "http:9080")
            .Service("details", "default", "http:9080")
            .Service("reviews", "default", "http:9080")
            .Service("ratings", "default", "http:9080", "tcp-admin:9999")
            .External("books.example.com", Resolution.DnsLb, "http:80", "tls:443")
            .Endpoint("books.example.com", "books.example.com", 80, 80)
            .Endpoint("books.example.com", "books.example.com", 443, 443)
            .Workload("istio-ingressgateway", "istio-system", "10.0.0.1")
            .Workload("productpage", "default", "10.0.0.2", "v1", At("127.0.2.2"))
            .Workload("details", "default", "10.0.0.3", "v1", At("127.0.2.3"))
            .Workload("reviews", "default", "10.0.0.4", "v1", At("127.0.2.4"))
            .Workload("reviews", "default", "10.0.0.5", "v1", At("127.0.2.5"))
            .Workload("reviews", "default", "10.0.0.6", "v2", At("127.0.2.6"))
            .Workload("reviews", "default", "10.0.0.7", "v3", At("127.0.2.7"))
            .Workload("ratings", "default", "10.0.0.8", "v1", At("127.0.2.8"));
        return Rules(mesh);
    }

    private static Func<Workload, Workload> At(string application) => workload => workload with { ApplicationAddress = application };

    private static Mesh Rules(Mesh mesh) => mesh
        .Gateway("bookinfo-gateway", "default", Tests.Rules.Server(80, "HTTP", ["*"]))
        .VirtualService("bookinfo", ["*"],
            [Tests.Rules.To(ProductPage, port: 9080).When(
                new HttpMatchRequest { Uri = new StringMatch { Exact = "/productpage" } },
                Tests.Rules.Prefix("/api/v1/products"))],
            ["default/bookinfo-gateway"])
        .VirtualService("reviews", [Reviews],
        [
            Tests.Rules.To(Reviews, "v2").When(new HttpMatchRequest
            {
                Headers = new Dictionary<string, StringMatch> { ["end-user"] = new() { Exact = "jason" } },
            }) with { Name = "jason" },
            Tests.Rules.Split(Tests.Rules.Target(Reviews, 90, "v1"), Tests.Rules.Target(Reviews, 10, "v3")) with { Name = "everybody" },
        ])
        .VirtualService("ratings", [Ratings],
        [
            Tests.Rules.To(Ratings, port: 9080) with
            {
                Timeout = Duration.FromSeconds(1),
                Retries = new HttpRetry { Attempts = 3, RetryOn = "5xx,connect-failure,503" },
            },
        ])
        .DestinationRule("reviews", Reviews,
            new TrafficPolicy
            {
                OutlierDetection = new OutlierDetection
                {
                    Consecutive5xxErrors = 3,
                    Interval = Duration.FromSeconds(1),
                    BaseEjectionTime = Duration.FromSeconds(10),
                    MaxEjectionPercent = 50,
                },
            },
            [Tests.Rules.Subset("v1"), Tests.Rules.Subset("v2"), Tests.Rules.Subset("v3")])
        .DestinationRule("ratings", Ratings, new TrafficPolicy
        {
            ConnectionPool = new ConnectionPoolSettings
            {
                Tcp = new TcpSettings { MaxConnections = 256 },
                Http = new HttpSettings { Http1MaxPendingRequests = 16, MaxRetries = 64 },
            },
        })
        .PeerAuthentication("default", "default", MutualTlsMode.Strict);
}
