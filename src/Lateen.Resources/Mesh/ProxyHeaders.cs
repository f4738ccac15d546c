namespace Lateen.Resources.Mesh;

/// <summary>Headers the proxy adds.</summary>
public sealed record ProxyHeaders
{
    /// <summary>X-Forwarded-Client-Cert.</summary>
    public ForwardClientCertDetails ForwardedClientCert { get; init; }

    /// <summary>What of the client's certificate is told.</summary>
    public ClientCertDetails? SetCurrentClientCertDetails { get; init; }

    /// <summary>X-Request-Id.</summary>
    public DisabledSwitch? RequestId { get; init; }

    /// <summary>Server.</summary>
    public ServerHeader? Server { get; init; }

    /// <summary>X-Envoy-Attempt-Count.</summary>
    public DisabledSwitch? AttemptCount { get; init; }

    /// <summary>X-Envoy headers for debugging.</summary>
    public DisabledSwitch? EnvoyDebugHeaders { get; init; }

    /// <summary>X-Envoy-Peer-Metadata.</summary>
    public MetadataExchangeHeaders? MetadataExchangeHeaders { get; init; }

    /// <summary>Whether the case of names is kept.</summary>
    public bool? PreserveHttp1HeaderCase { get; init; }

    /// <summary>X-Forwarded-Host.</summary>
    public EnabledSwitch? XForwardedHost { get; init; }

    /// <summary>X-Forwarded-Port.</summary>
    public EnabledSwitch? XForwardedPort { get; init; }
}

/// <summary>What of the client's certificate is told.</summary>
public sealed record ClientCertDetails
{
    /// <summary>Subject.</summary>
    public bool? Subject { get; init; }

    /// <summary>Certificate.</summary>
    public bool? Cert { get; init; }

    /// <summary>Chain.</summary>
    public bool? Chain { get; init; }

    /// <summary>DNS names.</summary>
    public bool? Dns { get; init; }

    /// <summary>URIs.</summary>
    public bool? Uri { get; init; }
}

/// <summary>Switches something off.</summary>
public sealed record DisabledSwitch
{
    /// <summary>Whether it is off.</summary>
    public bool? Disabled { get; init; }
}

/// <summary>Switches something on.</summary>
public sealed record EnabledSwitch
{
    /// <summary>Whether it is on.</summary>
    public bool? Enabled { get; init; }
}

/// <summary>The header Server.</summary>
public sealed record ServerHeader
{
    /// <summary>Whether it is off.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Its value; null means istio-envoy.</summary>
    public string? Value { get; init; }
}

/// <summary>X-Envoy-Peer-Metadata.</summary>
public sealed record MetadataExchangeHeaders
{
    /// <summary>When it is sent.</summary>
    public MetadataExchangeMode Mode { get; init; }
}

/// <summary>When metadata is sent.</summary>
public enum MetadataExchangeMode
{
    /// <summary>Always.</summary>
    Undefined,

    /// <summary>Within the mesh.</summary>
    InMesh,
}

/// <summary>Limits of connections from clients.</summary>
public sealed record ConnectionSettings
{
    /// <summary>Defaults.</summary>
    public ConnectionProfile Profile { get; init; }

    /// <summary>Buffer of a connection from a client.</summary>
    public int? ListenerPerConnectionBufferLimitBytes { get; init; }

    /// <summary>Buffer of a connection to an endpoint.</summary>
    public int? ClusterPerConnectionBufferLimitBytes { get; init; }

    /// <summary>Idle time of connections.</summary>
    public Duration? HttpIdleTimeout { get; init; }

    /// <summary>Life of connections.</summary>
    public Duration? HttpMaxConnectionDuration { get; init; }

    /// <summary>Time to end.</summary>
    public Duration? HttpDrainTimeout { get; init; }

    /// <summary>Time for a request.</summary>
    public Duration? HttpRequestTimeout { get; init; }

    /// <summary>Time for a request's head.</summary>
    public Duration? HttpRequestHeadersTimeout { get; init; }

    /// <summary>Idle time of requests.</summary>
    public Duration? HttpStreamIdleTimeout { get; init; }

    /// <summary>Life of requests.</summary>
    public Duration? HttpMaxStreamDuration { get; init; }

    /// <summary>Requests at once.</summary>
    public int? HttpMaxConcurrentStreams { get; init; }

    /// <summary>Window of a stream.</summary>
    public int? Http2InitialStreamWindowSize { get; init; }

    /// <summary>Window of a connection.</summary>
    public int? Http2InitialConnectionWindowSize { get; init; }

    /// <summary>What becomes of headers with underscores.</summary>
    public UnderscoresAction HttpHeadersWithUnderscoresAction { get; init; }

    /// <summary>Whether slashes are merged.</summary>
    public bool? HttpMergeSlashes { get; init; }

    /// <summary>What becomes of escaped slashes.</summary>
    public EscapedSlashesAction HttpPathWithEscapedSlashesAction { get; init; }

    /// <summary>Connections of a listener.</summary>
    public int? ListenerConnectionLimit { get; init; }

    /// <summary>Connections of the proxy.</summary>
    public int? GlobalDownstreamConnectionLimit { get; init; }
}

/// <summary>Defaults of connection settings.</summary>
public enum ConnectionProfile
{
    /// <summary>Envoy's.</summary>
    Sidecar,

    /// <summary>Those for the internet.</summary>
    Edge,
}

/// <summary>What becomes of headers with underscores.</summary>
public enum UnderscoresAction
{
    /// <summary>The default.</summary>
    HeadersWithUnderscoresUnspecified,

    /// <summary>Sent on.</summary>
    HeadersWithUnderscoresAllow,

    /// <summary>The request is refused.</summary>
    HeadersWithUnderscoresRejectRequest,

    /// <summary>Left out.</summary>
    HeadersWithUnderscoresDropHeader,
}

/// <summary>What becomes of escaped slashes.</summary>
public enum EscapedSlashesAction
{
    /// <summary>The default.</summary>
    PathWithEscapedSlashesUnspecified,

    /// <summary>Kept.</summary>
    KeepUnchanged,

    /// <summary>The request is refused.</summary>
    RejectRequest,

    /// <summary>Redirected to the plain path.</summary>
    UnescapeAndRedirect,

    /// <summary>Made plain.</summary>
    UnescapeAndForward,
}
