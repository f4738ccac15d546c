using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies.Views;

/// <summary>Clusters.</summary>
internal sealed class ClustersView : IProxyView
{
    public string Path => ConfigDump.Path;

    public IReadOnlyList<string> Columns => ["SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE", "DESTINATION RULE"];

    public IEnumerable<JsonNode> Resources(JsonNode answer) =>
        ConfigDump.Of(answer, "ClustersConfigDump").SelectMany(dump => dump.Items("dynamic_active_clusters").Concat(dump.Items("static_clusters")))
            .Select(cluster => cluster.At("cluster")).OfType<JsonNode>();

    public IEnumerable<IReadOnlyList<string>> Rows(JsonNode resource)
    {
        // outbound|9080|v1|reviews.default.svc.cluster.local
        var name = resource.Text("name");
        var parts = name.Split('|');
        var type = resource.Text("type") is { Length: > 0 } discovery ? discovery : resource.Text("cluster_type", "name") is { Length: > 0 } custom ? custom : "STATIC";
        yield return parts.Length == 4
            ? [parts[3], parts[1], parts[2].Length == 0 ? "-" : parts[2], parts[0], type, ConfigDump.Origin(resource)]
            : [name, "-", "-", "-", type, ""];
    }
}
