using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies.Views;

/// <summary>Route configurations: a row for each route.</summary>
internal sealed class RoutesView : IProxyView
{
    public string Path => ConfigDump.Path;

    public IReadOnlyList<string> Columns => ["NAME", "VHOST", "DOMAINS", "MATCH", "DESTINATION", "VIRTUAL SERVICE"];

    public IEnumerable<JsonNode> Resources(JsonNode answer) =>
        ConfigDump.Of(answer, "RoutesConfigDump").SelectMany(dump => dump.Items("dynamic_route_configs").Concat(dump.Items("static_route_configs")))
            .Select(route => route.At("route_config")).OfType<JsonNode>();

    public IEnumerable<IReadOnlyList<string>> Rows(JsonNode resource) =>
        from host in resource.Items("virtual_hosts")
        let domains = host.Items("domains").Select(domain => domain.ToString()).ToList()
        from route in host.Items("routes")
        select (IReadOnlyList<string>)
        [
            resource.Text("name"),
            host.Text("name"),
            domains.Count > 1 ? $"{domains[0]} + {domains.Count - 1} more" : domains.FirstOrDefault() ?? "",
            Match(route.At("match")),
            Destination(route),
            ConfigDump.Origin(route),
        ];

    private static string Match(JsonNode? match)
    {
        var path = match.Text("path") is { Length: > 0 } exact ? exact
            : match.Text("path_separated_prefix") is { Length: > 0 } separated ? $"{separated}/*"
            : match.At("safe_regex") is { } regex ? $"regex {regex.Text("regex")}"
            : $"{match.Text("prefix")}*";
        var headers = match.Items("headers").Select(header => header.Text("name"));
        return string.Join(" ", headers.Select(name => $"[{name}]").Prepend(path));
    }

    private static string Destination(JsonNode route)
    {
        if (route.At("redirect") is not null)
            return "redirect";
        if (route.At("direct_response") is { } direct)
            return $"answers {direct.Text("status")}";
        var weighted = route.Items("route", "weighted_clusters", "clusters").Select(cluster => $"{cluster.Text("weight")}% {cluster.Text("name")}").ToList();
        return weighted.Count > 0 ? string.Join(", ", weighted) : route.Text("route", "cluster");
    }
}
