using System.Diagnostics.Metrics;
using Lateen.ControlPlane.Metrics;

namespace Lateen.ControlPlane.Tests;

public sealed class PrometheusExpositionTests : IDisposable
{
    private readonly Meter _meter = new("test");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Counters_add_up_by_labels_and_labels_are_escaped()
    {
        var counter = _meter.CreateCounter<long>("pilot_xds_pushes", description: "Pushes.");
        using var exposition = new PrometheusExposition(_meter);
        counter.Add(1, new KeyValuePair<string, object?>("type", "cds"));
        counter.Add(2, new KeyValuePair<string, object?>("type", "cds"));
        counter.Add(1, new("type", "a\"b\\c\nd"), new("node", "x"));

        Assert.Equal(
            "# HELP pilot_xds_pushes Pushes.\n# TYPE pilot_xds_pushes counter\n"
            + "pilot_xds_pushes{type=\"a\\\"b\\\\c\\nd\",node=\"x\"} 1\npilot_xds_pushes{type=\"cds\"} 3\n",
            exposition.Render());
    }

    [Fact]
    public void Histograms_have_cumulative_buckets()
    {
        var histogram = _meter.CreateHistogram<double>("t", "s");
        using var exposition = new PrometheusExposition(_meter);
        histogram.Record(0.05);
        histogram.Record(2);
        histogram.Record(100);
        var lines = exposition.Render().Split('\n');

        Assert.Contains("t_bucket{le=\"0.01\"} 0", lines);
        Assert.Contains("t_bucket{le=\"0.1\"} 1", lines);
        Assert.Contains("t_bucket{le=\"3\"} 2", lines);
        Assert.Contains("t_bucket{le=\"+Inf\"} 3", lines);
        Assert.Contains("t_sum 102.05", lines);
        Assert.Contains("t_count 3", lines);
    }

    [Fact]
    public void Observed_values_are_those_of_the_moment_and_other_meters_do_not_show()
    {
        using var other = new Meter("other");
        other.CreateObservableGauge("foreign", () => 1);
        var clients = 3;
        _meter.CreateObservableGauge("pilot_xds", () => clients);
        using var exposition = new PrometheusExposition(_meter);
        exposition.Render();
        clients = 2;

        Assert.Equal("# TYPE pilot_xds gauge\npilot_xds 2\n", exposition.Render());
    }
}
