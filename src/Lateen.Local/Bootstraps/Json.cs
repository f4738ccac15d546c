using System.Text.Json.Nodes;

namespace Lateen.Local.Bootstraps;

/// <summary>Pieces of JSON that bootstraps are made of.</summary>
internal static class Json
{
    /// <summary>Envoy's <c>Address</c> with an IP address and a port.</summary>
    internal static JsonObject SocketAddress(string address, int port) => new()
    {
        ["socket_address"] = new JsonObject { ["address"] = address, ["port_value"] = port },
    };

    /// <summary>A constant object.</summary>
    internal static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
