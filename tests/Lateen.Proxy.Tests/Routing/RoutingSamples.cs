using System.Net;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Routing;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Routing;

/// <summary>Builds what routing tests need.</summary>
internal static class RoutingSamples
{
    public static readonly ExtensionCatalog NoExtensions = new([], []);

    private static readonly JsonParser Json =
        new(JsonParser.Settings.Default.WithTypeRegistry(TypeRegistry.FromMessages(StringValue.Descriptor)));

    public static RouteTable Table(string json, ExtensionCatalog? extensions = null) =>
        RouteTable.Compile(Json.Parse<RouteConfiguration>(json), extensions ?? NoExtensions);

    /// <summary>A table with one virtual host for every host.</summary>
    public static RouteTable Routes(string routesJson, string more = "", string vhostMore = "") => Table(
        "{\"name\":\"r\"" + more + ",\"virtualHosts\":[{\"name\":\"v\",\"domains\":[\"*\"]" + vhostMore + ",\"routes\":[" + routesJson + "]}]}");

    public static RequestHead Head(string path = "/", string authority = "host", string method = "GET", params (string Name, string Value)[] headers)
    {
        var head = new RequestHead();
        head.Headers.Add(HeaderNames.Method, method);
        head.Headers.Add(HeaderNames.Path, path);
        head.Headers.Add(HeaderNames.Authority, authority);
        head.Headers.Add(HeaderNames.Scheme, "http");
        foreach (var (name, value) in headers)
            head.Headers.Add(HeaderName.Of(name), value);
        return head;
    }

    public static HttpExchange Exchange(RequestHead head)
    {
        var exchange = new HttpExchange();
        var connection = new ConnectionInfo
        {
            Id = 1,
            LocalAddress = new IPEndPoint(IPAddress.Loopback, 80),
            RemoteAddress = new IPEndPoint(IPAddress.Parse("10.1.1.1"), 1234),
            DirectRemoteAddress = new IPEndPoint(IPAddress.Parse("10.1.1.1"), 1234),
        };
        exchange.Begin(new ManualLoop(), connection, head, requestHasNoBody: true);
        return exchange;
    }

    public static string? RouteOf(RouteTable table, RequestHead head, ulong random = 0, ConnectionInfo? downstream = null) =>
        table.Select(head, new RouteInput(random, downstream)).Route?.Name;

    /// <summary>Filter factory that remembers what it was given.</summary>
    public sealed class EchoFilterFactory : IHttpFilterFactory
    {
        public IReadOnlyList<string> TypeNames => ["google.protobuf.StringValue"];

        public IHttpFilter Create(ByteString configuration, FilterContext context) => throw new NotSupportedException();

        public object ParsePerRoute(ByteString configuration) =>
            StringValue.Parser.ParseFrom(configuration).Value;
    }
}
