using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Lateen.ControlPlane.Serving;
using Lateen.Xds;
using Lateen.Xds.Server;

namespace Lateen.ControlPlane.Api;

/// <summary>Writes what a proxy is served now in the form of Envoy's <c>/config_dump</c>. Private keys are left out.</summary>
internal static class ConfigDumps
{
    private static readonly ByteString Redacted = ByteString.CopyFromUtf8("[redacted]");

    // Every message of the API, so that what is inside of an Any is written out.
    private static readonly Lazy<JsonFormatter> Json = new(() => new(JsonFormatter.Settings.Default
        .WithIndentation().WithPreserveProtoFieldNames(true).WithTypeRegistry(TypeRegistry.FromMessages(Messages()))));

    public static string Render(ConfigDump dump) => Json.Value.Format(dump);

    /// <param name="generator">What is served.</param>
    /// <param name="version">Its version.</param>
    /// <param name="streams">The proxy's streams.</param>
    public static ConfigDump Create(
        IResourceGenerator<ConnectedProxy> generator, string version, IReadOnlyList<ConnectionStatus<ConnectedProxy>> streams)
    {
        var proxy = streams[0].Client;
        var watched = streams.SelectMany(stream => stream.Types).GroupBy(type => type.TypeUrl)
            .ToDictionary(type => type.Key, type => type.SelectMany(t => t.Names).Distinct().ToList());
        IReadOnlyList<Any> Generate(string typeUrl) =>
            watched.TryGetValue(typeUrl, out var names) ? generator.Generate(proxy, new(typeUrl, names.Count > 0 ? names : null)) ?? [] : [];

        var clusters = new ClustersConfigDump { VersionInfo = version };
        clusters.DynamicActiveClusters.AddRange(Generate(TypeUrls.Cluster)
            .Select(cluster => new ClustersConfigDump.Types.DynamicCluster { VersionInfo = version, Cluster = cluster }));
        var endpoints = new EndpointsConfigDump();
        endpoints.DynamicEndpointConfigs.AddRange(Generate(TypeUrls.Endpoint)
            .Select(config => new EndpointsConfigDump.Types.DynamicEndpointConfig { VersionInfo = version, EndpointConfig = config }));
        var listeners = new ListenersConfigDump { VersionInfo = version };
        listeners.DynamicListeners.AddRange(Generate(TypeUrls.Listener).Select(listener => new ListenersConfigDump.Types.DynamicListener
        {
            Name = listener.Unpack<Envoy.Config.Listener.V3.Listener>().Name,
            ActiveState = new() { VersionInfo = version, Listener = listener },
        }));
        var routes = new RoutesConfigDump();
        routes.DynamicRouteConfigs.AddRange(Generate(TypeUrls.Route)
            .Select(route => new RoutesConfigDump.Types.DynamicRouteConfig { VersionInfo = version, RouteConfig = route }));
        var secrets = new SecretsConfigDump();
        secrets.DynamicActiveSecrets.AddRange(Generate(TypeUrls.Secret).Select(secret => Redact(secret, version)));
        return new() { Configs = { Any.Pack(clusters), Any.Pack(endpoints), Any.Pack(listeners), Any.Pack(routes), Any.Pack(secrets) } };
    }

    private static SecretsConfigDump.Types.DynamicSecret Redact(Any any, string version)
    {
        var secret = any.Unpack<Secret>();
        if (secret.TlsCertificate is { PrivateKey: not null } certificate)
            certificate.PrivateKey = new DataSource { InlineBytes = Redacted };
        return new() { Name = secret.Name, VersionInfo = version, Secret = Any.Pack(secret) };
    }

    private static IEnumerable<MessageDescriptor> Messages() =>
        typeof(ConfigDump).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(object)) && typeof(IMessage).IsAssignableFrom(type))
            .Select(type => (MessageDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!);
}
