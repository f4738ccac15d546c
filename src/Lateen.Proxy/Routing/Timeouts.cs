namespace Lateen.Proxy.Routing;

/// <summary>The time limits of a route.</summary>
public sealed record RouteTimeouts
{
    /// <summary>From the complete request to the complete response, retries included; 15 s unless given, null for no limit.</summary>
    public TimeSpan? Total { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the route says an idle time of its own.</summary>
    public bool HasIdle { get; init; }

    /// <summary>Replaces the stream idle time when <see cref="HasIdle"/>; null for no limit.</summary>
    public TimeSpan? Idle { get; init; }

    /// <summary>When given, <see cref="Total"/> is not used and the stream's whole life is limited.</summary>
    public StreamDuration? MaxStreamDuration { get; init; }

    /// <summary>Deprecated: gRPC requests use <c>grpc-timeout</c> up to this instead of <see cref="Total"/>; zero for no cap.</summary>
    public TimeSpan? MaxGrpc { get; init; }

    /// <summary>Deprecated: taken off <c>grpc-timeout</c> with <see cref="MaxGrpc"/>.</summary>
    public TimeSpan? GrpcOffset { get; init; }
}

/// <summary>Limits of a stream's whole life.</summary>
/// <param name="HasLimit">False when the route says nothing of it and the connection manager's limit holds.</param>
/// <param name="Limit">Longest life; null for no limit.</param>
/// <param name="GrpcHeaderMax">When given, a <c>grpc-timeout</c> header counts, up to this; zero for no cap.</param>
/// <param name="GrpcHeaderOffset">Taken off the header's value.</param>
public sealed record StreamDuration(bool HasLimit, TimeSpan? Limit, TimeSpan? GrpcHeaderMax, TimeSpan? GrpcHeaderOffset);
