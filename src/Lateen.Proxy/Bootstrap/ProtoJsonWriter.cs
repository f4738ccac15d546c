using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Lateen.Proxy.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lateen.Proxy.Bootstrap;

/// <summary>A place in a configuration file and what is wrong there.</summary>
internal sealed class DocumentException(Mark position, string path, string problem) : Exception(problem)
{
    public Mark Position { get; } = position;

    public string Path { get; } = path;
}

/// <summary>
/// Writes a YAML (or JSON) node as the protobuf JSON of a message type. Everything is checked against the type's fields, so that an
/// error names line, column and field path.
/// </summary>
internal sealed class ProtoJsonWriter(Utf8JsonWriter json)
{
    public void WriteMessage(YamlNode node, MessageDescriptor type, string path)
    {
        switch (type.FullName)
        {
            case "google.protobuf.Any":
                WriteAny(Mapping(node, type, path), path);
                break;
            case "google.protobuf.Struct":
                WriteFree(Mapping(node, type, path), path);
                break;
            case "google.protobuf.Value" or "google.protobuf.ListValue":
                WriteFree(node, path);
                break;
            case "google.protobuf.Duration" or "google.protobuf.Timestamp" or "google.protobuf.FieldMask":
                WriteChecked(node, type, path);
                break;
            default:
                if (type.File.Name == "google/protobuf/wrappers.proto")
                    WriteScalar(node, type.FindFieldByNumber(1), path);
                else
                    WriteFields(Mapping(node, type, path), type, path);
                break;
        }
    }

    private void WriteFields(YamlMappingNode node, MessageDescriptor type, string path)
    {
        json.WriteStartObject();
        WriteMembers(node, type, path);
        json.WriteEndObject();
    }

    private void WriteMembers(YamlMappingNode node, MessageDescriptor type, string path)
    {
        foreach (var (keyNode, value) in node.Children)
        {
            var key = Text(keyNode, path);
            if (key == "@type")
                continue;
            var at = path.Length == 0 ? key : $"{path}.{key}";
            var field = type.FindFieldByName(key) ?? type.Fields.InDeclarationOrder().FirstOrDefault(f => f.JsonName == key)
                ?? throw new DocumentException(keyNode.Start, at, $"no such field in {type.FullName}{Suggest(key, type)}");
            if (IsNull(value))
                continue;
            json.WritePropertyName(field.JsonName);
            WriteField(value, field, at);
        }
    }

    private void WriteField(YamlNode value, FieldDescriptor field, string path)
    {
        if (field.IsMap)
        {
            var type = field.MessageType.FindFieldByNumber(2);
            json.WriteStartObject();
            foreach (var (key, item) in Mapping(value, field.MessageType, path).Children)
            {
                json.WritePropertyName(Text(key, path));
                WriteSingle(item, type, $"{path}[{Text(key, path)}]");
            }

            json.WriteEndObject();
        }
        else if (field.IsRepeated)
        {
            if (value is not YamlSequenceNode items)
                throw new DocumentException(value.Start, path, "expected a list");
            json.WriteStartArray();
            for (var i = 0; i < items.Children.Count; i++)
                WriteSingle(items.Children[i], field, $"{path}[{i}]");
            json.WriteEndArray();
        }
        else
        {
            WriteSingle(value, field, path);
        }
    }

    private void WriteSingle(YamlNode value, FieldDescriptor field, string path)
    {
        if (field.FieldType is FieldType.Message or FieldType.Group)
            WriteMessage(value, field.MessageType, path);
        else
            WriteScalar(value, field, path);
    }

    private void WriteScalar(YamlNode node, FieldDescriptor field, string path)
    {
        if (node is not YamlScalarNode { Value: { } text } scalar)
            throw new DocumentException(node.Start, path, $"expected a {Name(field)}");
        var valid = field.FieldType switch
        {
            FieldType.String => WriteString(text),
            FieldType.Bytes => Convert.TryFromBase64String(text, new byte[text.Length], out _) && WriteString(text),
            FieldType.Bool => text is "true" or "false" && scalar.Style == ScalarStyle.Plain && WriteRaw(text),
            FieldType.Enum => WriteEnum(text, field),
            FieldType.Float or FieldType.Double => WriteFloat(text),
            FieldType.UInt32 or FieldType.Fixed32 => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) && WriteRaw(text),
            FieldType.UInt64 or FieldType.Fixed64 => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) && WriteString(text),
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 =>
                long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && WriteString(text),
            _ => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && WriteRaw(text),
        };
        if (!valid)
            throw new DocumentException(node.Start, path, $"expected a {Name(field)}, got '{text}'");
    }

    private static string Name(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Enum => $"{field.EnumType.Name} ({string.Join(", ", field.EnumType.Values.Select(v => v.Name))})",
        FieldType.Bytes => "base64 text",
        _ => field.FieldType.ToString().ToLowerInvariant(),
    };

    private bool WriteString(string text)
    {
        json.WriteStringValue(text);
        return true;
    }

    private bool WriteRaw(string text)
    {
        json.WriteRawValue(text);
        return true;
    }

    private bool WriteFloat(string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            return false;
        json.WriteNumberValue(number);
        return true;
    }

    private bool WriteEnum(string text, FieldDescriptor field)
    {
        var value = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? field.EnumType.FindValueByNumber(number)
            : field.EnumType.FindValueByName(text);
        return value is not null && WriteString(value.Name);
    }

    private void WriteChecked(YamlNode node, MessageDescriptor type, string path)
    {
        var text = Text(node, path);
        try
        {
            JsonParser.Default.Parse($"\"{JsonEncodedText.Encode(text)}\"", type);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new DocumentException(node.Start, path, $"expected a {type.Name.ToLowerInvariant()}, got '{text}': {e.Message}");
        }

        json.WriteStringValue(text);
    }

    private void WriteAny(YamlMappingNode node, string path)
    {
        if (!node.Children.TryGetValue(new YamlScalarNode("@type"), out var typeNode))
            throw new DocumentException(node.Start, path, "expected '@type' with the type URL of the message");
        var url = Text(typeNode, path);
        var type = ProtoTypes.Find(url);
        json.WriteStartObject();
        if (type is null)
        {
            // A message that only others know keeps its content in the form the xDS transport has for that.
            json.WriteString("@type", "type.googleapis.com/xds.type.v3.TypedStruct");
            json.WriteString("type_url", url);
            json.WritePropertyName("value");
            WriteFree(new YamlMappingNode(node.Children.Where(c => Text(c.Key, path) != "@type")), path);
        }
        else
        {
            json.WriteString("@type", url);
            if (type.File.Package == "google.protobuf" && node.Children.TryGetValue(new YamlScalarNode("value"), out var value))
            {
                json.WritePropertyName("value");
                WriteMessage(value, type, path + ".value");
            }
            else
            {
                WriteMembers(node, type, path);
            }
        }

        json.WriteEndObject();
    }

    // Any JSON: plain scalars are null, booleans and numbers where they look like it.
    private void WriteFree(YamlNode node, string path)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                json.WriteStartObject();
                foreach (var (key, value) in mapping.Children)
                {
                    json.WritePropertyName(Text(key, path));
                    WriteFree(value, $"{path}.{Text(key, path)}");
                }

                json.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                json.WriteStartArray();
                foreach (var item in sequence.Children)
                    WriteFree(item, path);
                json.WriteEndArray();
                break;
            default:
                WriteFreeScalar(node, path);
                break;
        }
    }

    private void WriteFreeScalar(YamlNode node, string path)
    {
        var text = Text(node, path);
        if (IsNull(node))
            json.WriteNullValue();
        else if (((YamlScalarNode)node).Style != ScalarStyle.Plain)
            json.WriteStringValue(text);
        else if (text is "true" or "false")
            json.WriteBooleanValue(text == "true");
        else if (!WriteFloat(text))
            json.WriteStringValue(text);
    }

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" or "Null" or "NULL" };

    private static YamlMappingNode Mapping(YamlNode node, MessageDescriptor type, string path) =>
        node as YamlMappingNode ?? throw new DocumentException(node.Start, path, $"expected an object ({type.FullName})");

    private static string Text(YamlNode node, string path) =>
        (node as YamlScalarNode)?.Value ?? throw new DocumentException(node.Start, path, "expected text");

    private static string Suggest(string key, MessageDescriptor type)
    {
        var nearest = type.Fields.InDeclarationOrder().Select(f => f.Name).MinBy(name => Distance(key, name));
        return nearest is not null && Distance(key, nearest) <= Math.Max(2, key.Length / 3) ? $"; did you mean '{nearest}'?" : "";
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
