using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Lateen.Cli.Commands;
using Lateen.Cli.Output;
using Lateen.Cli.Proxies.Views;
using Lateen.ControlPlane.Api;

namespace Lateen.Cli.Tests;

public sealed class ProxyViewTests
{
    private const string Dump = """
        {
          "configs": [
            {
              "@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
              "static_clusters": [{ "cluster": { "name": "xds-grpc", "type": "STATIC" } }],
              "dynamic_active_clusters": [
                { "version_info": "1", "cluster": { "name": "outbound|9080|v1|reviews.default.svc.cluster.local", "type": "EDS",
                  "metadata": { "filter_metadata": { "istio": { "config": "/apis/networking.istio.io/v1/namespaces/default/destination-rule/reviews" } } } } }
              ]
            },
            {
              "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
              "dynamic_listeners": [
                { "name": "0.0.0.0_8080", "active_state": { "version_info": "1", "listener": {
                  "name": "0.0.0.0_8080",
                  "address": { "socket_address": { "address": "0.0.0.0", "port_value": 8080 } },
                  "filter_chains": [{ "filter_chain_match": { "server_names": ["a.com"], "application_protocols": ["istio"] },
                    "filters": [{ "name": "hcm", "typed_config": { "rds": { "route_config_name": "http.8080" } } }] }],
                  "default_filter_chain": { "filters": [{ "typed_config": { "cluster": "BlackHoleCluster" } }] } } } }
              ]
            },
            {
              "@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump",
              "dynamic_route_configs": [
                { "version_info": "1", "route_config": { "name": "http_proxy", "virtual_hosts": [
                  { "name": "reviews", "domains": ["reviews", "reviews.default"], "routes": [
                    { "match": { "prefix": "/", "headers": [{ "name": "end-user" }] }, "route": { "cluster": "v2" } },
                    { "match": { "prefix": "/" }, "route": { "weighted_clusters": { "clusters": [{ "name": "v1", "weight": 90 }, { "name": "v3", "weight": 10 }] } } },
                    { "match": { "path": "/old" }, "redirect": {} } ] } ] } }
              ]
            }
          ]
        }
        """;

    [Fact]
    public void Clusters_in_columns() => Assert.Equal(
        """
        SERVICE FQDN                        PORT   SUBSET   DIRECTION   TYPE     DESTINATION RULE
        reviews.default.svc.cluster.local   9080   v1       outbound    EDS      reviews.default
        xds-grpc                            -      -        -           STATIC

        """,
        Show(new ClustersView(), Dump));

    [Fact]
    public void Listeners_in_columns() => Assert.Equal(
        """
        NAME           ADDRESS   PORT   MATCH                    DESTINATION
        0.0.0.0_8080   0.0.0.0   8080   SNI: a.com; App: istio   Route: http.8080
        0.0.0.0_8080   0.0.0.0   8080   ALL                      Cluster: BlackHoleCluster

        """,
        Show(new ListenersView(), Dump));

    [Fact]
    public void Routes_in_columns() => Assert.Equal(
        """
        NAME         VHOST     DOMAINS            MATCH           DESTINATION      VIRTUAL SERVICE
        http_proxy   reviews   reviews + 1 more   /* [end-user]   v2
        http_proxy   reviews   reviews + 1 more   /*              90% v1, 10% v3
        http_proxy   reviews   reviews + 1 more   /old            redirect

        """,
        Show(new RoutesView(), Dump));

    [Fact]
    public void Endpoints_in_columns() => Assert.Equal(
        """
        ENDPOINT          STATUS      OUTLIER CHECK   CLUSTER
        127.70.1.5:9080   HEALTHY     FAILED          a
        unix:///tmp/s     UNHEALTHY   OK              a

        """,
        Show(new EndpointsView(), """
            { "cluster_statuses": [{ "name": "a", "host_statuses": [
              { "address": { "socket_address": { "address": "127.70.1.5", "port_value": 9080 } }, "health_status": { "eds_health_status": "HEALTHY", "failed_outlier_check": true } },
              { "address": { "pipe": { "path": "/tmp/s" } }, "health_status": { "eds_health_status": "UNHEALTHY" } } ] }] }
            """));

    [Fact]
    public void Both_spellings_of_fields_are_read()
    {
        var camel = Dump.Replace("dynamic_active_clusters", "dynamicActiveClusters", StringComparison.Ordinal)
            .Replace("filter_metadata", "filterMetadata", StringComparison.Ordinal);

        Assert.Equal(Show(new ClustersView(), Dump), Show(new ClustersView(), camel));
    }

    [Fact]
    public void Yaml_and_json_hold_the_resources()
    {
        Assert.StartsWith("- name: outbound|9080|v1|reviews.default.svc.cluster.local", Show(new ClustersView(), Dump, OutputFormat.Yaml), StringComparison.Ordinal);
        Assert.Equal(2, JsonNode.Parse(Show(new ClustersView(), Dump, OutputFormat.Json))!.AsArray().Count);
    }

    [Theory]
    [InlineData("Table")]
    [InlineData("Json")]
    [InlineData("Yaml")]
    public void Private_keys_are_never_shown(string name)
    {
        var format = Enum.Parse<OutputFormat>(name);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://cluster.local/ns/default/sa/a"));
        var request = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var pem = Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem()));
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes("SECRET"));
        var dump = $$"""
            { "configs": [{ "@type": "type.googleapis.com/envoy.admin.v3.SecretsConfigDump", "dynamic_active_secrets": [{ "name": "default", "secret": {
              "tls_certificate": { "certificate_chain": { "inline_bytes": "{{pem}}" }, "private_key": { "inline_bytes": "{{secret}}" } } } }] }] }
            """;

        var text = Show(new SecretsView(), dump, format);

        Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        if (format == OutputFormat.Table)
            Assert.Contains($"ACTIVE   true         {certificate.SerialNumber}", text, StringComparison.Ordinal);
        if (format == OutputFormat.Table)
            Assert.Contains("spiffe://cluster.local/ns/default/sa/a", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_tells_what_was_refused_and_why()
    {
        static TypeStatus Type(string status, string? error = null) => new(status, 0, "1", "1", "n", "n", null, error);
        using var output = new StringWriter();

        var code = ProxyStatusCommand.Write(
        [
            new ProxyStatus("a.default", "sidecar~1~a.default~x", "sidecar", "Kubernetes", "1", "spiffe://a", default,
                new Dictionary<string, TypeStatus> { ["CDS"] = Type("SYNCED"), ["LDS"] = Type("NACKED", "no such filter"), ["EDS"] = Type("NOT_SENT") }),
        ], output);

        Assert.Equal(1, code);
        Assert.Equal(
            """
            NAME        TYPE      CDS      LDS      EDS        RDS   SDS   IDENTITY
            a.default   sidecar   SYNCED   NACKED   NOT SENT   -     -     spiffe://a
            a.default refused LDS: no such filter

            """, output.ToString());
    }

    [Fact]
    public void All_in_sync_is_success() => Assert.Equal(0, ProxyStatusCommand.Write([], TextWriter.Null));

    private static string Show(IProxyView view, string dump, OutputFormat format = OutputFormat.Table)
    {
        using var output = new StringWriter();
        ProxyConfigCommand.Write(view, JsonNode.Parse(dump)!, format, output);
        return output.ToString();
    }
}
