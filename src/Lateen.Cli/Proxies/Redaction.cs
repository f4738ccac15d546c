using System.Text.Json.Nodes;

namespace Lateen.Cli.Proxies;

/// <summary>Keeps what is secret off the screen, whatever a proxy answers.</summary>
internal static class Redaction
{
    private static readonly string[] Secret = ["private_key", "privateKey", "password", "session_ticket_keys", "sessionTicketKeys", "generic_secret", "genericSecret"];

    /// <summary>A copy without private keys and passwords.</summary>
    internal static JsonNode WithoutKeys(JsonNode node)
    {
        var copy = node.DeepClone();
        Clean(copy);
        return copy;
    }

    private static void Clean(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var key in Secret.Where(map.ContainsKey))
                    map[key] = "[redacted]";
                foreach (var (_, value) in map)
                    Clean(value);
                break;
            case JsonArray list:
                foreach (var item in list)
                    Clean(item);
                break;
        }
    }
}
