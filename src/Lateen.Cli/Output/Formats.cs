using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lateen.Cli.Output;

/// <summary>Writes JSON trees as JSON or YAML.</summary>
internal static class Formats
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As a JSON list.</summary>
    internal static string Json(IEnumerable<JsonNode> nodes) => List(nodes).ToJsonString(Indented);

    /// <summary>As a JSON value.</summary>
    internal static string Json(JsonNode node) => node.ToJsonString(Indented);

    /// <summary>As a YAML list.</summary>
    internal static string Yaml(IEnumerable<JsonNode> nodes)
    {
        var text = new StringWriter();
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Emit(emitter, List(nodes));
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static JsonArray List(IEnumerable<JsonNode> nodes) => new([.. nodes.Select(node => node.DeepClone())]);

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart());
                foreach (var (key, value) in map)
                {
                    Emit(emitter, JsonValue.Create(key));
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in list)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            default:
                emitter.Emit(Scalar(node));
                break;
        }
    }

    // A text that would read as something else is quoted.
    private static Scalar Scalar(JsonNode? node)
    {
        if (node is null)
            return new Scalar("null");
        var text = node.ToString();
        if (node.GetValueKind() != JsonValueKind.String)
            return new Scalar(node.ToJsonString());
        var style = text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal
            : text.Length == 0 || text is "true" or "false" or "null" or "~" || double.TryParse(text, out _) ? ScalarStyle.DoubleQuoted
            : ScalarStyle.Any;
        return new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true);
    }
}
