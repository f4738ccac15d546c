using System.Net;
using System.Net.Sockets;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SocketAddress = Envoy.Config.Core.V3.SocketAddress;

namespace Lateen.Translation.Naming;

/// <summary>Short ways to write the small Envoy messages that occur everywhere.</summary>
internal static class Messages
{
    public static readonly Duration Zero = new();

    public static Any Packed(this IMessage message) => Any.Pack(message);

    public static Duration ToProto(this TimeSpan duration) => Duration.FromTimeSpan(duration);

    public static Address Socket(string address, int port) =>
        new() { SocketAddress = new SocketAddress { Address = address, PortValue = (uint)port } };

    public static Address Pipe(string path) => new() { Pipe = new Pipe { Path = path } };

    /// <summary>The resource is to be fetched on the same ADS stream, waiting for it as long as it takes.</summary>
    public static ConfigSource AdsWithoutTimeout() =>
        new() { Ads = new AggregatedConfigSource(), ResourceApiVersion = ApiVersion.V3, InitialFetchTimeout = new Duration() };

    /// <summary>The resource is to be fetched on the same ADS stream.</summary>
    public static ConfigSource Ads() => new() { Ads = new AggregatedConfigSource(), ResourceApiVersion = ApiVersion.V3 };

    /// <summary>A CIDR or an address as Envoy's range; null when it is neither.</summary>
    public static CidrRange? Cidr(string text)
    {
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address)) return null;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32u : 128u;
        if (slash >= 0 && (!uint.TryParse(text[(slash + 1)..], out var prefix) || prefix > bits)) return null;
        return new CidrRange { AddressPrefix = address.ToString(), PrefixLen = slash < 0 ? bits : uint.Parse(text[(slash + 1)..]) };
    }

    /// <summary>Metadata of the namespace "istio".</summary>
    public static Struct IstioStruct(this Metadata metadata)
    {
        if (!metadata.FilterMetadata.TryGetValue(FilterNames.IstioMetadata, out var fields))
            metadata.FilterMetadata[FilterNames.IstioMetadata] = fields = new Struct();
        return fields;
    }

    /// <summary>Metadata naming the resource that a route, cluster or chain was made from, by its path in the Kubernetes API.</summary>
    public static Metadata ConfigMetadata(string kind, string name, string @namespace)
    {
        var metadata = new Metadata();
        metadata.IstioStruct().Fields["config"] = Value.ForString(ConfigPath(kind, name, @namespace));
        return metadata;
    }

    public static string ConfigPath(string kind, string name, string @namespace) =>
        $"/apis/networking.istio.io/v1/namespaces/{@namespace}/{kind}/{name}";
}
