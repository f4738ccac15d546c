using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies.Views;

/// <summary>Envoy's <c>/config_dump</c>: a list of dumps, one for each kind of resource.</summary>
internal static class ConfigDump
{
    internal const string Path = "/config_dump";

    /// <summary>The dump of a kind: <c>ListenersConfigDump</c>.</summary>
    internal static IEnumerable<JsonNode> Of(JsonNode answer, string kind) =>
        answer.Items("configs").Where(config => config.Text("@type").EndsWith($".{kind}", StringComparison.Ordinal));

    /// <summary>The metadata that Istio puts on a resource: <c>default/reviews</c> for the resource it was made from.</summary>
    internal static string Origin(JsonNode? resource)
    {
        // /apis/networking.istio.io/v1/namespaces/default/destination-rule/reviews
        var parts = resource.Text("metadata", "filter_metadata", "istio", "config").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 7 ? $"{parts[6]}.{parts[4]}" : "";
    }
}
