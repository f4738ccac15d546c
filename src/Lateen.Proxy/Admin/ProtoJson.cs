using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.Admin;

/// <summary>Messages as Envoy's admin pages show them: JSON with the fields' own names, secrets blotted out.</summary>
internal static class ProtoJson
{
    private const string Redacted = "[redacted]";

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default
        .WithTypeRegistry(ProtoTypes.Registry).WithPreserveProtoFieldNames(true).WithIndentation(" "));

    /// <summary>The JSON of a message; what is secret in it is replaced in place.</summary>
    public static string Format(IMessage message)
    {
        Clean(message, redact: false);
        return Formatter.Format(message) + "\n";
    }

    private static void Clean(IMessage message, bool redact)
    {
        if (message is Any any)
        {
            CleanAny(any, redact);
            return;
        }

        // Tokens that a control plane is greeted with.
        if (message is Envoy.Config.Core.V3.HeaderValue header && header.Key.Equals("authorization", StringComparison.OrdinalIgnoreCase))
            redact = true;
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsMap || field.IsRepeated ? ((ICollection)field.Accessor.GetValue(message)).Count == 0 : field.HasPresence && !field.Accessor.HasValue(message))
                continue;
            CleanField(message, field, redact || IsSensitive(field));
        }
    }

    private static void CleanField(IMessage message, FieldDescriptor field, bool redact)
    {
        var value = field.Accessor.GetValue(message);
        if (field.IsMap)
        {
            foreach (var item in ((IDictionary)value).Values)
            {
                if (item is IMessage inner)
                    Clean(inner, redact);
            }
        }
        else if (field.IsRepeated)
        {
            var list = (IList)value;
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i] is IMessage inner)
                    Clean(inner, redact);
                else if (redact && list[i] is string)
                    list[i] = Redacted;
            }
        }
        else if (value is IMessage inner)
        {
            Clean(inner, redact);
        }
        else if (redact && (field.FieldType is FieldType.String or FieldType.Bytes))
        {
            field.Accessor.SetValue(message, field.FieldType == FieldType.String ? Redacted : ByteString.CopyFromUtf8(Redacted));
        }
    }

    private static void CleanAny(Any any, bool redact)
    {
        if (ProtoTypes.Find(any.TypeUrl) is not { } type)
        {
            // Only its sender knows the message: shown by type and bytes.
            var unknown = new global::Xds.Type.V3.TypedStruct { TypeUrl = any.TypeUrl, Value = new Struct() };
            unknown.Value.Fields["value"] = Value.ForString(redact ? Redacted : any.Value.ToBase64());
            any.TypeUrl = "type.googleapis.com/xds.type.v3.TypedStruct";
            any.Value = unknown.ToByteString();
            return;
        }

        var message = type.Parser.ParseFrom(any.Value);
        Clean(message, redact);
        any.Value = message.ToByteString();
    }

    private static bool IsSensitive(FieldDescriptor field) => field.GetOptions()?.GetExtension(Udpa.Annotations.SensitiveExtensions.Sensitive) ?? false;
}
