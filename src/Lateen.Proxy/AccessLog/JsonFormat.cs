using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>One line of an access log.</summary>
internal interface ILineFormat
{
    /// <summary>The line with its line break; valid until this thread formats again.</summary>
    ReadOnlySpan<byte> Format(StreamInfo stream);
}

/// <summary>A line of text.</summary>
internal sealed class TextLineFormat(SubstitutionFormat format) : ILineFormat
{
    public ReadOnlySpan<byte> Format(StreamInfo stream) => format.Format(stream);
}

/// <summary>
/// One JSON object per line, keys sorted (Envoy: JsonFormatter). A value that is exactly one operator keeps its type; without value it
/// is null. In a mixed text what is missing is <c>-</c>.
/// </summary>
internal sealed class JsonFormat : ILineFormat
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [ThreadStatic]
    private static FormatBuffer? _line;

    [ThreadStatic]
    private static FormatBuffer? _value;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    private readonly Node _root;
    private readonly bool _omitEmpty;
    private readonly bool _typed;

    private JsonFormat(Node root, bool omitEmpty, bool typed)
    {
        _root = root;
        _omitEmpty = omitEmpty;
        _typed = typed;
    }

    /// <summary>Compiles a format.</summary>
    /// <param name="format">Strings with operators, nested objects and lists, numbers and booleans.</param>
    /// <param name="omitEmpty">Leave out keys without value.</param>
    /// <param name="typed">False writes every value as a string (the deprecated <c>json_format</c> of a file logger).</param>
    /// <exception cref="ConfigurationException">An operator that does not exist.</exception>
    public static JsonFormat Compile(Struct format, bool omitEmpty, bool typed = true) =>
        new(CompileStruct(format, omitEmpty), omitEmpty, typed);

    public ReadOnlySpan<byte> Format(StreamInfo stream)
    {
        var line = _line ??= new FormatBuffer();
        line.Clear();
        var writer = _writer;
        if (writer is null)
            _writer = writer = new Utf8JsonWriter(line, WriterOptions);
        else
            writer.Reset(line);
        Write(_root, stream, writer);
        writer.Flush();
        line.Append((byte)'\n');
        return line.Written;
    }

    private static Node CompileStruct(Struct fields, bool omitEmpty) => new()
    {
        Fields = [.. fields.Fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (JsonEncodedText.Encode(f.Key), Compile(f, omitEmpty)))],
    };

    private static Node Compile(KeyValuePair<string, Value> field, bool omitEmpty)
    {
        try
        {
            return Compile(field.Value, omitEmpty);
        }
        catch (ConfigurationException e)
        {
            throw e.Within(field.Key);
        }
    }

    private static Node Compile(Value value, bool omitEmpty) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => new() { Text = SubstitutionFormat.Compile(value.StringValue, omitEmpty) },
        Value.KindOneofCase.StructValue => CompileStruct(value.StructValue, omitEmpty),
        Value.KindOneofCase.ListValue => new() { Items = [.. value.ListValue.Values.Select(v => Compile(v, omitEmpty))] },
        Value.KindOneofCase.NumberValue => new() { Raw = value.NumberValue.ToString(CultureInfo.InvariantCulture) },
        Value.KindOneofCase.BoolValue => new() { Raw = value.BoolValue ? "true" : "false" },
        _ => throw new ConfigurationException("", "Only string values, nested structs, list values and number values are supported in structured access log format."),
    };

    private void Write(Node node, StreamInfo stream, Utf8JsonWriter writer)
    {
        if (node.Fields is { } fields)
        {
            WriteObject(fields, stream, writer);
        }
        else if (node.Items is { } items)
        {
            writer.WriteStartArray();
            foreach (var item in items)
                Write(item, stream, writer);
            writer.WriteEndArray();
        }
        else if (node.Raw is { } raw)
        {
            writer.WriteRawValue(raw);
        }
        else if (Evaluate(node.Text!, stream))
        {
            WriteText(node.Text!, writer);
        }
        else if (_typed)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStringValue("-"u8);
        }
    }

    private void WriteObject((JsonEncodedText Key, Node Value)[] fields, StreamInfo stream, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in fields)
        {
            if (_omitEmpty && value.Text is { } text)
            {
                if (Evaluate(text, stream))
                {
                    writer.WritePropertyName(key);
                    WriteText(text, writer);
                }

                continue;
            }

            writer.WritePropertyName(key);
            Write(value, stream, writer);
        }

        writer.WriteEndObject();
    }

    // Leaves the text in the value buffer; false when it is one operator without value.
    private static bool Evaluate(SubstitutionFormat text, StreamInfo stream)
    {
        var buffer = _value ??= new FormatBuffer();
        buffer.Clear();
        if (text.Single is not null)
            return text.TryWriteValue(stream, buffer);
        text.Write(stream, buffer);
        return true;
    }

    private void WriteText(SubstitutionFormat text, Utf8JsonWriter writer)
    {
        var value = _value!.Written;
        if (_typed && text.Single is { Kind: not ValueKind.Text })
            writer.WriteRawValue(value, skipInputValidation: true);
        else
            writer.WriteStringValue(value);
    }

    private sealed class Node
    {
        public (JsonEncodedText Key, Node Value)[]? Fields { get; init; }

        public Node[]? Items { get; init; }

        public string? Raw { get; init; }

        public SubstitutionFormat? Text { get; init; }
    }
}
