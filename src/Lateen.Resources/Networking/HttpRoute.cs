namespace Lateen.Resources.Networking;

/// <summary>One HTTP rule: conditions and what is done.</summary>
public sealed record HttpRoute
{
    /// <summary>Name, shown in the access log.</summary>
    public string? Name { get; init; }

    /// <summary>Conditions, any of which is enough; empty matches every request.</summary>
    public EquatableArray<HttpMatchRequest> Match { get; init; }

    /// <summary>Weighted targets.</summary>
    public EquatableArray<HttpRouteDestination> Route { get; init; }

    /// <summary>Answers with a redirect instead of forwarding.</summary>
    public HttpRedirect? Redirect { get; init; }

    /// <summary>Answers with a fixed response instead of forwarding.</summary>
    public HttpDirectResponse? DirectResponse { get; init; }

    /// <summary>Another VirtualService whose routes take this one's place.</summary>
    public HttpDelegate? Delegate { get; init; }

    /// <summary>Changes path and authority before forwarding.</summary>
    public HttpRewrite? Rewrite { get; init; }

    /// <summary>Time for the whole request with retries; null means none.</summary>
    public Duration? Timeout { get; init; }

    /// <summary>Retries; null means the mesh's default.</summary>
    public HttpRetry? Retries { get; init; }

    /// <summary>Faults put in on purpose.</summary>
    public HttpFaultInjection? Fault { get; init; }

    /// <summary>Where copies of requests go.</summary>
    public Destination? Mirror { get; init; }

    /// <summary>Several places where copies go; not with <see cref="Mirror"/>.</summary>
    public EquatableArray<HttpMirrorPolicy> Mirrors { get; init; }

    /// <summary>Deprecated whole percent for <see cref="Mirror"/>.</summary>
    [FieldAlias("mirror_percent")]
    public uint? MirrorPercent { get; init; }

    /// <summary>Share of requests copied to <see cref="Mirror"/>; null means all.</summary>
    public Percent? MirrorPercentage { get; init; }

    /// <summary>Cross-origin policy.</summary>
    public CorsPolicy? CorsPolicy { get; init; }

    /// <summary>Header changes.</summary>
    public Headers? Headers { get; init; }
}

/// <summary>Conditions on a request, all of which must hold.</summary>
public sealed record HttpMatchRequest
{
    /// <summary>Name, joined to the route's as <c>route.match</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Path.</summary>
    public StringMatch? Uri { get; init; }

    /// <summary>Scheme.</summary>
    public StringMatch? Scheme { get; init; }

    /// <summary>Method.</summary>
    public StringMatch? Method { get; init; }

    /// <summary>Host.</summary>
    public StringMatch? Authority { get; init; }

    /// <summary>Headers that must match; an empty match means present.</summary>
    public EquatableMap<StringMatch> Headers { get; init; }

    /// <summary>Headers that must not match; an empty match means absent.</summary>
    public EquatableMap<StringMatch> WithoutHeaders { get; init; }

    /// <summary>Query parameters that must match.</summary>
    public EquatableMap<StringMatch> QueryParams { get; init; }

    /// <summary>Compares exact and prefix of <see cref="Uri"/> without case.</summary>
    public bool IgnoreUriCase { get; init; }

    /// <summary>Service port addressed; 0 means any.</summary>
    public uint Port { get; init; }

    /// <summary>Labels of the calling workload; only for <c>mesh</c>.</summary>
    public EquatableMap<string> SourceLabels { get; init; }

    /// <summary>Namespace of the calling workload; only for <c>mesh</c>.</summary>
    public string? SourceNamespace { get; init; }

    /// <summary>Gateways in place of the VirtualService's.</summary>
    public EquatableArray<string> Gateways { get; init; }

    /// <summary>Prefix of the route's own statistics.</summary>
    public string? StatPrefix { get; init; }
}

/// <summary>A target with its share.</summary>
public sealed record HttpRouteDestination
{
    /// <summary>The target.</summary>
    public required Destination Destination { get; init; }

    /// <summary>Share, relative to the sum; ignored when there is one target, and 0 drops it when there are several.</summary>
    public int Weight { get; init; }

    /// <summary>Header changes for this target.</summary>
    public Headers? Headers { get; init; }
}

/// <summary>Names a VirtualService that has the routes.</summary>
public sealed record HttpDelegate
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Its namespace; null means the root's.</summary>
    public string? Namespace { get; init; }
}
