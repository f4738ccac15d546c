using System.Text;
using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies;

/// <summary>Fields of protobuf JSON, whichever of its two spellings (<c>dynamic_listeners</c>, <c>dynamicListeners</c>) is used.</summary>
internal static class Fields
{
    /// <summary>The value at a path of snake_case names, or null.</summary>
    internal static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (node is not JsonObject map)
                return null;
            node = map.TryGetPropertyValue(name, out var value) ? value : map[Camel(name)];
        }

        return node;
    }

    /// <summary>The items at a path; none when it is not there.</summary>
    internal static IEnumerable<JsonNode> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        (node.At(path) as JsonArray ?? []).OfType<JsonNode>();

    /// <summary>The text at a path; empty when it is not there.</summary>
    internal static string Text(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path)?.ToString() ?? "";

    private static string Camel(string snake)
    {
        var camel = new StringBuilder();
        foreach (var part in snake.Split('_'))
            camel.Append(camel.Length == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]);
        return camel.ToString();
    }
}
