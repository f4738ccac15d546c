using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Lateen.Cli.Proxies;

/// <summary>Reading of free JSON.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class NodeJson : JsonSerializerContext;
