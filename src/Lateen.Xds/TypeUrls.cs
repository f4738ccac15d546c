using System.Collections.Immutable;

namespace Lateen.Xds;

/// <summary>The resource types of the xDS transport that Lateen speaks, by their type URL.</summary>
public static class TypeUrls
{
    /// <summary>CDS: clusters.</summary>
    public const string Cluster = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

    /// <summary>EDS: the endpoints of one cluster.</summary>
    public const string Endpoint = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

    /// <summary>LDS: listeners.</summary>
    public const string Listener = "type.googleapis.com/envoy.config.listener.v3.Listener";

    /// <summary>RDS: route configurations.</summary>
    public const string Route = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

    /// <summary>SDS: certificates, keys and trust bundles.</summary>
    public const string Secret = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    /// <summary>ECDS: the configuration of one extension.</summary>
    public const string ExtensionConfig = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

    /// <summary>The envelope in which a server may wrap a resource: name, version, time to live.</summary>
    public const string Resource = "type.googleapis.com/envoy.service.discovery.v3.Resource";

    /// <summary>The order in which one push is sent, so that what is referred to arrives first (make before break).</summary>
    public static ImmutableArray<string> PushOrder { get; } = [Cluster, Endpoint, Listener, Route, Secret, ExtensionConfig];

    /// <summary>Whether a subscription to the type without names means "everything" (LDS and CDS).</summary>
    public static bool IsWildcard(string typeUrl) => typeUrl is Cluster or Listener;

    /// <summary>The customary abbreviation, such as <c>CDS</c>; the type URL itself when it has none.</summary>
    public static string ShortName(string typeUrl) => typeUrl switch
    {
        Cluster => "CDS",
        Endpoint => "EDS",
        Listener => "LDS",
        Route => "RDS",
        Secret => "SDS",
        ExtensionConfig => "ECDS",
        _ => typeUrl,
    };
}
