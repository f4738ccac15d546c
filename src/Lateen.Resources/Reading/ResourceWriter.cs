using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lateen.Resources.Reading;

/// <summary>Writes records in the form that <see cref="ResourceReader"/> reads: proto names, defaults left out.</summary>
public static class ResourceWriter
{
    // The text goes into files, not into HTML: only what JSON itself asks for is escaped.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON of an <see cref="IstioResource"/>, one of its parts, or a list of them.</summary>
    public static string ToJson(object value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options)) Write(writer, value, TypeShape.Of(value.GetType()));
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The YAML of an <see cref="IstioResource"/>, one of its parts, or a list of them.</summary>
    public static string ToYaml(object value) => YamlWriter.Write(NodeReader.Read("", ToJson(value), [])[0]);

    private static void Write(Utf8JsonWriter writer, object value, TypeShape shape)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Object:
                writer.WriteStartObject();
                foreach (FieldShape field in shape.Fields) WriteField(writer, field, field.Get(value));
                writer.WriteEndObject();
                break;
            case ShapeKind.List:
                writer.WriteStartArray();
                foreach (object item in (IEnumerable)value) Write(writer, item, shape.Element);
                writer.WriteEndArray();
                break;
            case ShapeKind.Map:
                writer.WriteStartObject();
                foreach (object entry in (IEnumerable)value) WriteEntry(writer, entry, shape.Element);
                writer.WriteEndObject();
                break;
            default:
                WriteScalar(writer, value, shape);
                break;
        }
    }

    private static void WriteField(Utf8JsonWriter writer, FieldShape field, object? value)
    {
        bool absent = value is null || (!field.Required && !field.Nullable && IsDefault(value));
        if (absent) return;
        writer.WritePropertyName(field.Name);
        Write(writer, value!, field.Shape);
    }

    private static void WriteEntry(Utf8JsonWriter writer, object entry, TypeShape element)
    {
        Type pair = entry.GetType();
        writer.WritePropertyName((string)pair.GetProperty("Key")!.GetValue(entry)!);
        Write(writer, pair.GetProperty("Value")!.GetValue(entry)!, element);
    }

    private static void WriteScalar(Utf8JsonWriter writer, object value, TypeShape shape)
    {
        switch (value)
        {
            case bool boolean: writer.WriteBooleanValue(boolean); break;
            case int number: writer.WriteNumberValue(number); break;
            case uint number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case ulong number: writer.WriteNumberValue(number); break;
            case double number: writer.WriteNumberValue(number); break;
            case byte[] bytes: writer.WriteBase64StringValue(bytes); break;
            case DateTimeOffset moment: writer.WriteStringValue(moment.ToString("O", CultureInfo.InvariantCulture)); break;
            case DateTime moment: writer.WriteStringValue(moment.ToString("O", CultureInfo.InvariantCulture)); break;
            case JsonElement element: element.WriteTo(writer); break;
            case FreeForm free: free.Value.WriteTo(writer); break;
            case Enum member: writer.WriteStringValue(shape.EnumMembers.First(entry => entry.Value.Equals(member)).Key); break;
            default: writer.WriteStringValue(value.ToString()); break;
        }
    }

    private static bool IsDefault(object value) => value.Equals(Activator.CreateInstance(value.GetType()));
}
