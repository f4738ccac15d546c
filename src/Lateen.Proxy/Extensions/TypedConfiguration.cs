using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Xds.Istio;

namespace Lateen.Proxy.Extensions;

/// <summary>Extension configuration as it comes in an <c>Any</c>.</summary>
internal static class TypedConfiguration
{
    // What Istio sends as a TypedStruct: its own filters, whose messages Envoy itself does not know.
    private static readonly TypeRegistry IstioTypes = TypeRegistry.FromMessages(
        PluginConfig.Descriptor,
        Lateen.Xds.Istio.Alpn.FilterConfig.Descriptor,
        Lateen.Xds.Istio.PeerMetadata.Config.Descriptor,
        Lateen.Xds.Istio.MetadataExchange.MetadataExchange.Descriptor);

    /// <summary>The configuration itself; a <c>TypedStruct</c> (xds or udpa) is turned into the message it stands for.</summary>
    /// <exception cref="ConfigurationException">A TypedStruct that does not fit its message.</exception>
    public static Any Unwrap(Any any)
    {
        if (!any.TypeUrl.EndsWith("xds.type.v3.TypedStruct", StringComparison.Ordinal)
            && !any.TypeUrl.EndsWith("udpa.type.v1.TypedStruct", StringComparison.Ordinal))
        {
            return any;
        }

        var typed = global::Xds.Type.V3.TypedStruct.Parser.ParseFrom(any.Value);
        var name = typed.TypeUrl[(typed.TypeUrl.LastIndexOf('/') + 1)..];
        if (IstioTypes.Find(name) is not { } descriptor)
        {
            return new Any { TypeUrl = typed.TypeUrl };
        }

        try
        {
            var message = JsonParser.Default.Parse(JsonFormatter.Default.Format(typed.Value ?? new Struct()), descriptor);
            return new Any { TypeUrl = typed.TypeUrl, Value = message.ToByteString() };
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ConfigurationException("value", $"not a {name}: {e.Message}", e);
        }
    }
}
