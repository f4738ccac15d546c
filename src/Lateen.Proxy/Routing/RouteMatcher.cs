using Envoy.Config.Route.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;
using HeaderMatcher = Lateen.Proxy.Matching.HeaderMatcher;

namespace Lateen.Proxy.Routing;

/// <summary>The first condition of a route that did not hold.</summary>
internal enum Unmet
{
    None,
    RuntimeFraction,
    Grpc,
    Header,
    QueryParameter,
    TlsContext,
    DynamicMetadata,
    Path,
}

/// <summary>All conditions of a route, in Envoy's order of evaluation.</summary>
internal sealed class RouteMatcher
{
    private readonly Fraction _fraction;
    private readonly bool _isFraction;
    private readonly bool _grpc;
    private readonly HeaderMatcher[] _headers;
    private readonly QueryMatcher[] _queries;
    private readonly RouteMatch.Types.TlsContextMatchOptions? _tls;
    private readonly MetadataMatcher[] _metadata;

    private RouteMatcher(RouteMatch match)
    {
        Path = PathMatcher.Compile(match);
        _fraction = Fraction.Compile(match.RuntimeFraction, "runtime_fraction");
        _isFraction = _fraction != Fraction.All;
        _grpc = match.Grpc is not null;
        _headers = HeaderMatcher.CompileAll(match.Headers, "headers");
        _queries = [.. match.QueryParameters.Select((q, i) => QueryMatcher.Compile(q, $"query_parameters[{i}]"))];
        _tls = match.TlsContext;
        _metadata = [.. match.DynamicMetadata.Select((m, i) => MetadataMatcher.Compile(m, $"dynamic_metadata[{i}]"))];
    }

    public PathMatcher Path { get; }

    /// <exception cref="ConfigurationException">A condition that cannot be honoured.</exception>
    public static RouteMatcher Compile(RouteMatch match) => new(match);

    /// <summary>The first condition that does not hold, and which of its kind.</summary>
    public Unmet Check(in MatchContext context, out int index)
    {
        var unmet = CheckAllButPath(context, out index);
        return unmet == Unmet.None && !Path.Matches(context) ? Unmet.Path : unmet;
    }

    /// <summary>True when all conditions hold. The path, which decides most often, is looked at first.</summary>
    public bool Matches(in MatchContext context) => Path.Matches(context) && CheckAllButPath(context, out _) == Unmet.None;

    /// <summary>Says which condition did not hold.</summary>
    public string Describe(Unmet unmet, int index) => unmet switch
    {
        Unmet.RuntimeFraction => $"not within {_fraction.Numerator} of {_fraction.Denominator} requests",
        Unmet.Grpc => "not a gRPC request",
        Unmet.Header => _headers[index].ToString(),
        Unmet.QueryParameter => _queries[index].ToString(),
        Unmet.TlsContext => "client certificate",
        Unmet.DynamicMetadata => $"dynamic metadata [{index}]",
        _ => Path.ToString(),
    };

    private Unmet CheckAllButPath(in MatchContext context, out int index)
    {
        index = 0;
        if (_isFraction && !_fraction.Contains(context.Input.Random))
            return Unmet.RuntimeFraction;
        if (_grpc && !context.Head.IsGrpc)
            return Unmet.Grpc;
        for (; index < _headers.Length; index++)
        {
            if (!_headers[index].Matches(context.Head.Headers))
                return Unmet.Header;
        }

        for (index = 0; index < _queries.Length; index++)
        {
            if (!_queries[index].Matches(context))
                return Unmet.QueryParameter;
        }

        if (_tls is not null && !TlsMatches(context.Input))
            return Unmet.TlsContext;
        for (index = 0; index < _metadata.Length; index++)
        {
            if (!_metadata[index].Matches(context.Input.DynamicMetadata))
                return Unmet.DynamicMetadata;
        }

        return Unmet.None;
    }

    private bool TlsMatches(in RouteInput input)
    {
        var presented = input.Downstream?.Tls?.PeerCertificatePresented ?? false;
        return (_tls!.Presented ?? presented) == presented && (_tls.Validated ?? presented) == presented;
    }
}
