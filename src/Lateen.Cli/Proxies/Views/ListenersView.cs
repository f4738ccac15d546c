using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies.Views;

/// <summary>Listeners: a row for each filter chain.</summary>
internal sealed class ListenersView : IProxyView
{
    public string Path => ConfigDump.Path;

    public IReadOnlyList<string> Columns => ["NAME", "ADDRESS", "PORT", "MATCH", "DESTINATION"];

    public IEnumerable<JsonNode> Resources(JsonNode answer) =>
        ConfigDump.Of(answer, "ListenersConfigDump").SelectMany(dump => dump.Items("dynamic_listeners")
            .Select(listener => listener.At("active_state", "listener"))
            .Concat(dump.Items("static_listeners").Select(listener => listener.At("listener")))
            .OfType<JsonNode>());

    public IEnumerable<IReadOnlyList<string>> Rows(JsonNode resource)
    {
        var chains = resource.Items("filter_chains").Select(chain => (Match: Match(chain.At("filter_chain_match")), Chain: chain));
        if (resource.At("default_filter_chain") is { } otherwise)
            chains = chains.Append((Match: "ALL", Chain: otherwise));
        foreach (var (match, chain) in chains)
        {
            yield return
            [
                resource.Text("name"),
                resource.Text("address", "socket_address", "address"),
                resource.Text("address", "socket_address", "port_value"),
                match,
                string.Join("; ", chain.Items("filters").Select(filter => Destination(filter.At("typed_config"))).Where(text => text.Length > 0)),
            ];
        }
    }

    private static string Match(JsonNode? match)
    {
        var parts = new List<string>();
        Add("Port", match.Text("destination_port"));
        Add("Addr", string.Join(',', match.Items("prefix_ranges").Select(range => $"{range.Text("address_prefix")}/{range.Text("prefix_len")}")));
        Add("SNI", string.Join(',', match.Items("server_names").Select(name => name.ToString())));
        Add("Trans", match.Text("transport_protocol"));
        Add("App", string.Join(',', match.Items("application_protocols").Select(name => name.ToString())));
        return parts.Count == 0 ? "ALL" : string.Join("; ", parts);

        void Add(string name, string value)
        {
            if (value.Length > 0)
                parts.Add($"{name}: {value}");
        }
    }

    private static string Destination(JsonNode? filter)
    {
        if (filter.At("rds") is { } rds)
            return $"Route: {rds.Text("route_config_name")}";
        if (filter.At("route_config") is { } inline)
        {
            var clusters = inline.Items("virtual_hosts").SelectMany(host => host.Items("routes"))
                .Select(route => route.Text("route", "cluster")).Where(name => name.Length > 0).Distinct().ToList();
            return clusters.Count == 0 ? $"Inline Route: {inline.Text("name")}" : $"Cluster: {string.Join(", ", clusters)}";
        }

        if (filter.Text("cluster") is { Length: > 0 } cluster)
            return $"Cluster: {cluster}";
        var weighted = filter.Items("weighted_clusters", "clusters").Select(target => target.Text("name")).ToList();
        return weighted.Count == 0 ? "" : $"Clusters: {string.Join(", ", weighted)}";
    }
}
