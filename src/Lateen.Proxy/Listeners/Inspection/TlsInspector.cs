using Lateen.Proxy.Loops;
using Lateen.Proxy.Stats;

namespace Lateen.Proxy.Listeners.Inspection;

/// <summary>Finds out whether a connection is TLS, and what server name and protocols it asks for (<c>envoy.filters.listener.tls_inspector</c>).</summary>
internal sealed class TlsInspector(StatsStore stats) : ListenerFilter
{
    /// <summary>Name of its configuration message.</summary>
    public static readonly string TypeName = Envoy.Extensions.Filters.Listener.TlsInspector.V3.TlsInspector.Descriptor.FullName;

    private readonly Counter _tlsFound = stats.Counter("tls_inspector.tls_found");
    private readonly Counter _tlsNotFound = stats.Counter("tls_inspector.tls_not_found");
    private readonly Counter _nameFound = stats.Counter("tls_inspector.sni_found");
    private readonly Counter _nameNotFound = stats.Counter("tls_inspector.sni_not_found");
    private readonly Counter _protocolsFound = stats.Counter("tls_inspector.alpn_found");
    private readonly Counter _protocolsNotFound = stats.Counter("tls_inspector.alpn_not_found");
    private readonly Counter _tooLarge = stats.Counter("tls_inspector.client_hello_too_large");

    public override InspectStatus Inspect(ConnectionFacts facts, SocketTransport transport, ReadOnlySpan<byte> received)
    {
        ClientHello? hello = null;
        var result = received.IsEmpty ? ClientHello.Result.NeedMore : ClientHello.TryRead(received, out hello);
        if (hello is not null)
        {
            OnFound(facts, hello);
        }

        if (result == ClientHello.Result.NeedMore && received.Length >= BufferPool.BufferLength)
        {
            _tooLarge.Increment();
            result = ClientHello.Result.NotTls;
        }

        if (result == ClientHello.Result.NotTls)
        {
            _tlsNotFound.Increment();
        }

        return result == ClientHello.Result.NeedMore ? InspectStatus.NeedMore : InspectStatus.Done;
    }

    private void OnFound(ConnectionFacts facts, ClientHello hello)
    {
        _tlsFound.Increment();
        facts.TransportProtocol = "tls";
        (hello.ServerName is null ? _nameNotFound : _nameFound).Increment();
        (hello.ApplicationProtocols.Count == 0 ? _protocolsNotFound : _protocolsFound).Increment();
        facts.Info.ServerName = hello.ServerName;
        facts.ApplicationProtocols = hello.ApplicationProtocols;
    }
}
