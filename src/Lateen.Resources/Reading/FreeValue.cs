using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lateen.Resources.Reading;

/// <summary>Fields of any form (Struct, RawExtension), as JSON.</summary>
internal static class FreeValue
{
    public static JsonElement Of(Node node) => JsonSerializer.SerializeToElement(Json(node), JsonContext.Default.JsonNode);

    private static JsonNode? Json(Node node) => node switch
    {
        MappingNode mapping => new JsonObject(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Key, Json(entry.Value)))),
        SequenceNode sequence => new JsonArray([.. sequence.Items.Select(Json)]),
        ScalarNode { Kind: ScalarKind.Null } => null,
        ScalarNode { Kind: ScalarKind.Boolean } scalar => JsonValue.Create(scalar.Text == "true"),
        ScalarNode { Kind: ScalarKind.Integer } scalar when long.TryParse(scalar.Text, CultureInfo.InvariantCulture, out long value) => JsonValue.Create(value),
        ScalarNode { Kind: ScalarKind.Integer or ScalarKind.Float } scalar
            when double.TryParse(scalar.Text, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) => JsonValue.Create(value),
        ScalarNode scalar => JsonValue.Create(scalar.Text),
        _ => null,
    };
}
