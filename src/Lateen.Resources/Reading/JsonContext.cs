using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Lateen.Resources.Reading;

[JsonSerializable(typeof(JsonNode))]
internal sealed partial class JsonContext : JsonSerializerContext;
