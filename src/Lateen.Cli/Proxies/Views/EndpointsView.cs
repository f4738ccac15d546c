using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies.Views;

/// <summary>Endpoints with the health the proxy sees.</summary>
internal sealed class EndpointsView : IProxyView
{
    public string Path => "/clusters?format=json";

    public IReadOnlyList<string> Columns => ["ENDPOINT", "STATUS", "OUTLIER CHECK", "CLUSTER"];

    public IEnumerable<JsonNode> Resources(JsonNode answer) => answer.Items("cluster_statuses");

    public IEnumerable<IReadOnlyList<string>> Rows(JsonNode resource) =>
        resource.Items("host_statuses").Select(host => (IReadOnlyList<string>)
        [
            Address(host.At("address")),
            host.Text("health_status", "eds_health_status") is { Length: > 0 } status ? status : "HEALTHY",
            host.Text("health_status", "failed_outlier_check") == "true" ? "FAILED" : "OK",
            resource.Text("name"),
        ]);

    private static string Address(JsonNode? address) => address.At("socket_address") is { } socket
        ? $"{socket.Text("address")}:{socket.Text("port_value")}"
        : $"unix://{address.Text("pipe", "path")}";
}
