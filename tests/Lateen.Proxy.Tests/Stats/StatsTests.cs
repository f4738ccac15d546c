using System.Text.RegularExpressions;
using CsCheck;
using Envoy.Config.Metrics.V3;
using Google.Protobuf;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Tests.Stats;

public sealed class StatsTests
{
    private static readonly StatsRules Istio = new(JsonParser.Default.Parse<StatsConfig>(
        """
        {
          "use_all_default_tags": false,
          "stats_tags": [
            {"tag_name": "cluster_name", "regex": "^cluster\\.((.+?);\\.)"},
            {"tag_name": "response_code", "regex": "_rq(_(\\d{3}))$"},
            {"tag_name": "response_code_class", "regex": "_rq(_(\\dxx))$"},
            {"tag_name": "mesh", "fixed_value": "m1"}
          ],
          "stats_matcher": {"inclusion_list": {"patterns": [{"prefix": "cluster"}, {"prefix": "istio"}]}},
          "histogram_bucket_settings": [{"match": {"prefix": "istiocustom"}, "buckets": [10, 1]}]
        }
        """));

    [Fact]
    public void Prometheus_text_is_Envoys()
    {
        var stats = new StatsStore();
        stats.Counter("cluster.reviews.upstream_rq_200").Add(3);
        stats.Counter("cluster.ratings.upstream_rq_200").Add(1);
        stats.Counter("cluster.ratings.upstream_rq_2xx").Add(1);
        stats.Counter("http.ingress_http.downstream_rq_total").Increment();
        stats.Gauge("server.live").Set(1);
        stats.Gauge("listener.127.0.0.1_80.downstream_cx_active").Set(2);
        stats.Counter("istiocustom.istio_requests_total", new Tag("reporter", "source"), new Tag("path", "a\"b\\c\nd")).Add(5);
        var histogram = stats.Histogram("cluster.ratings.upstream_rq_time");
        histogram.Record(0.4);
        histogram.Record(7);
        var expected =
            """
            # TYPE envoy_cluster_upstream_rq counter
            envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="ratings"} 1
            envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="reviews"} 3
            # TYPE envoy_cluster_upstream_rq_xx counter
            envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="ratings"} 1
            # TYPE envoy_http_downstream_rq_total counter
            envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="ingress_http"} 1
            # TYPE istio_requests_total counter
            istio_requests_total{reporter="source",path="a\"b\\c\nd"} 5
            # TYPE envoy_listener_downstream_cx_active gauge
            envoy_listener_downstream_cx_active{envoy_listener_address="127.0.0.1_80"} 2
            # TYPE envoy_server_live gauge
            envoy_server_live{} 1
            # TYPE envoy_cluster_upstream_rq_time histogram
            envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="ratings",le="0.5"} 1

            """;
        var written = Prometheus(stats);
        Assert.StartsWith(expected, written, StringComparison.Ordinal);
        Assert.Contains("envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"ratings\",le=\"3600000\"} 2\n", written, StringComparison.Ordinal);
        Assert.EndsWith(
            "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"ratings\",le=\"+Inf\"} 2\n"
            + "envoy_cluster_upstream_rq_time_sum{envoy_cluster_name=\"ratings\"} 7.4\n"
            + "envoy_cluster_upstream_rq_time_count{envoy_cluster_name=\"ratings\"} 2\n",
            written,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Istios_tags_apply()
    {
        var stats = new StatsStore(Istio);
        stats.Counter("cluster.outbound|9080||reviews.default.svc.cluster.local;.upstream_rq_503").Increment();
        stats.Counter("cluster.outbound|9080||reviews.default.svc.cluster.local;.upstream_rq_5xx").Increment();
        stats.Counter("listener.0.0.0.0_80.downstream_cx_total").Increment();
        Assert.Equal(
            """
            # TYPE envoy_cluster_upstream_rq counter
            envoy_cluster_upstream_rq{mesh="m1",cluster_name="outbound|9080||reviews.default.svc.cluster.local",response_code="503"} 1
            envoy_cluster_upstream_rq{mesh="m1",cluster_name="outbound|9080||reviews.default.svc.cluster.local",response_code_class="5xx"} 1

            """,
            Prometheus(stats));
    }

    [Fact]
    public void Histogram_buckets_follow_the_settings() =>
        Assert.Equal([1, 10], new StatsStore(Istio).Histogram("istiocustom.istio_request_bytes").Bounds);

    [Fact]
    public void What_is_not_included_counts_but_is_not_shown()
    {
        var stats = new StatsStore(Istio);
        var counter = stats.Counter("http.x.downstream_rq_total");
        counter.Increment();
        Assert.Equal(1, counter.Value);
        Assert.Empty(stats.Counters);
    }

    [Fact]
    public void Text_is_sorted_and_filtered()
    {
        var stats = new StatsStore();
        stats.Counter("b.total").Add(2);
        stats.Gauge("a.active").Set(1);
        stats.Counter("c.never");
        stats.Text("z.version").Value = "v1";
        stats.Histogram("d.time");
        Assert.Equal("z.version: \"v1\"\na.active: 1\nb.total: 2\nc.never: 0\nd.time: No recorded values\n", Text(stats, StatsSelection.All));
        Assert.Equal("a.active: 1\nb.total: 2\n", Text(stats, new(new Regex("^[a-d]\\."), UsedOnly: true)));
    }

    [Fact]
    public void Quantiles_lie_within_the_samples_buckets() => Gen.Double[0.0, 4000000.0].Array[1, 50].Sample(samples =>
    {
        var stats = new StatsStore();
        var histogram = stats.Histogram("h");
        foreach (var sample in samples)
            histogram.Record(sample);
        var (counts, _) = histogram.Read();
        Assert.Equal(samples.Length, counts.Sum());
        var median = MetricText.Quantile(0.5, histogram.Bounds, counts);
        var sorted = samples.Order().ToArray();
        var low = histogram.Bounds.LastOrDefault(b => b < sorted[(sorted.Length - 1) / 2], 0);
        Assert.True(median >= Math.Min(low, histogram.Bounds[^1]), $"{median} < {low}");
    });

    private static string Prometheus(StatsStore stats)
    {
        var text = new StringWriter();
        PrometheusText.Write(stats, StatsSelection.All, text);
        return text.ToString();
    }

    private static string Text(StatsStore stats, StatsSelection selection)
    {
        var text = new StringWriter();
        StatsText.Write(stats, selection, text);
        return text.ToString();
    }
}
