using System.Text.Json;
using System.Text.Json.Nodes;
using Lateen.Local.Workloads;

namespace Lateen.Local.Running;

/// <summary>What the gateway knows of the replicas: news of them reaches it a moment after they are ready.</summary>
internal sealed class GatewayView(HttpClient http, string address)
{
    private readonly Uri _clusters = new($"http://{address}:{SidecarPorts.Admin}/clusters?format=json");

    /// <summary>Whether every endpoint the gateway has is ready in its eyes.</summary>
    internal async Task<bool> SeesAllReadyAsync(CancellationToken cancellation)
    {
        try
        {
            var answer = JsonNode.Parse(await http.GetStringAsync(_clusters, cancellation).ConfigureAwait(false));
            return Items(answer?["cluster_statuses"]).SelectMany(cluster => Items(cluster["host_statuses"]))
                .All(host => host["health_status"]?["eds_health_status"]?.ToString() is null or "HEALTHY");
        }
        catch (Exception refused) when (refused is HttpRequestException or JsonException)
        {
            return false;
        }
    }

    private static IEnumerable<JsonNode> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonNode>();
}
