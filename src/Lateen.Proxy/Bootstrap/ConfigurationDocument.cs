using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Lateen.Proxy.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lateen.Proxy.Bootstrap;

/// <summary>Reads a protobuf message from YAML or JSON text (JSON is read as the YAML it is) or from its binary form.</summary>
public static class ConfigurationDocument
{
    private const int MaxRecursion = 100;

    /// <summary>Reads a file; its extension tells the form: <c>.json</c>, <c>.yaml</c>, <c>.yml</c>, <c>.pb</c>.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or is not such a message.</exception>
    public static T ReadFile<T>(string path)
        where T : IMessage<T>, new()
    {
        try
        {
            return Path.GetExtension(path) switch
            {
                ".pb" => new MessageParser<T>(() => new T()).ParseFrom(File.ReadAllBytes(path)),
                ".pb_text" => throw new ConfigurationException("", $"{path}: protobuf text files are not supported; use YAML, JSON or .pb"),
                _ => Read<T>(path, File.ReadAllText(path)),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException("", $"{path}: cannot be read: {e.Message}", e);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ConfigurationException("", $"{path}: not a valid {typeof(T).Name}: {e.Message}", e);
        }
    }

    /// <summary>Reads a message from text; <paramref name="name"/> is the file's name in errors.</summary>
    /// <exception cref="ConfigurationException">The text is not such a message; the error names line, column and field path.</exception>
    public static T Read<T>(string name, string text)
        where T : IMessage<T>, new()
    {
        try
        {
            var document = new YamlStream();
            document.Load(new StringReader(text));
            if (document.Documents.Count != 1)
                throw new ConfigurationException("", $"{name}: expected one document, got {document.Documents.Count}");
            var message = new T();
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer))
                new ProtoJsonWriter(json).WriteMessage(document.Documents[0].RootNode, message.Descriptor, "");
            var parser = new JsonParser(new JsonParser.Settings(MaxRecursion, ProtoTypes.Registry));
            return (T)parser.Parse(Encoding.UTF8.GetString(buffer.WrittenSpan), message.Descriptor);
        }
        catch (YamlException e)
        {
            throw new ConfigurationException("", $"{name}:{e.Start.Line}:{e.Start.Column}: {e.Message}", e);
        }
        catch (DocumentException e)
        {
            throw new ConfigurationException("", $"{name}:{e.Position.Line}:{e.Position.Column}: {(e.Path.Length > 0 ? e.Path + ": " : "")}{e.Message}", e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or InvalidOperationException)
        {
            throw new ConfigurationException("", $"{name}: {e.Message}", e);
        }
    }
}
