using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Proto = Envoy.Config.Cluster.V3.Cluster;

namespace Lateen.Proxy.Clusters;

/// <summary>
/// The transport sockets of a cluster (Envoy: the first of <c>transport_socket_matches</c> whose keys are all in the endpoint's
/// <c>envoy.transport_socket_match</c> metadata with equal values, else the cluster's own socket).
/// </summary>
internal sealed class TransportSelector
{
    public static readonly TransportSelector Plaintext = new(UpstreamTransport.Plaintext, []);

    private const string MatchMetadata = "envoy.transport_socket_match";
    private readonly UpstreamTransport _default;
    private readonly (Struct Match, UpstreamTransport Transport)[] _matches;

    private TransportSelector(UpstreamTransport fallback, (Struct, UpstreamTransport)[] matches) => (_default, _matches) = (fallback, matches);

    /// <exception cref="ConfigurationException">A socket that cannot be honoured.</exception>
    public static TransportSelector Compile(Proto c, IUpstreamTransportFactory transports, ICollection<Task> warming) => new(
        Create("", c.TransportSocket, transports, warming, "transport_socket"),
        [.. c.TransportSocketMatches.Select((m, i) =>
            (m.Match ?? new Struct(), Create(m.Name, m.TransportSocket, transports, warming, $"transport_socket_matches[{i}].transport_socket")))]);

    /// <summary>The socket for an endpoint with this metadata in a locality with that metadata.</summary>
    public UpstreamTransport Select(Metadata? endpoint, Metadata? locality)
    {
        foreach (var (match, transport) in _matches)
        {
            if (Matches(match, endpoint, locality))
                return transport;
        }

        return _default;
    }

    private static bool Matches(Struct match, Metadata? endpoint, Metadata? locality)
    {
        if (match.Fields.Count == 0)
            return true;
        var fields = Fields(endpoint) ?? Fields(locality);
        if (fields is null)
            return false;
        foreach (var (key, wanted) in match.Fields)
        {
            if (!fields.TryGetValue(key, out var value) || !value.Equals(wanted))
                return false;
        }

        return true;
    }

    private static Google.Protobuf.Collections.MapField<string, Value>? Fields(Metadata? metadata) =>
        metadata is not null && metadata.FilterMetadata.TryGetValue(MatchMetadata, out var fields) ? fields.Fields : null;

    private static UpstreamTransport Create(
        string name, TransportSocket? socket, IUpstreamTransportFactory transports, ICollection<Task> warming, string path)
    {
        if (socket is null)
            return UpstreamTransport.Plaintext with { Name = name };
        var made = ClusterCompiler.Within(path, () => transports.Create(socket, warming));
        return new UpstreamTransport(name, made is null ? null : socket, made);
    }
}
