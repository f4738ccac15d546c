using System.Net.Security;
using System.Security.Authentication;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using Lateen.Proxy.Stats;
using Lateen.Proxy.Upstream;
using Microsoft.Extensions.Logging;
using Proto = Envoy.Extensions.TransportSockets.Tls.V3.UpstreamTlsContext;

namespace Lateen.Proxy.Tls;

/// <summary>What a connection asks for beside its cluster's configuration (Envoy: TransportSocketOptions).</summary>
public sealed record UpstreamTlsOptions
{
    /// <summary>No wishes.</summary>
    public static UpstreamTlsOptions None { get; } = new();

    /// <summary>The server name to send in place of the configured one; null keeps that (auto_sni).</summary>
    public string? ServerName { get; init; }

    /// <summary>The application protocols to offer in place of the configured ones; null keeps those.</summary>
    public IReadOnlyList<string>? ApplicationProtocols { get; init; }

    /// <summary>The host that the certificate must be for, in place of the configured names; null keeps those (auto_san_validation).</summary>
    public string? VerifiedHost { get; init; }

    /// <summary>Where to count; null nowhere.</summary>
    public TlsStats? Stats { get; init; }
}

/// <summary>How a cluster's connections are secured; compiled once, follows the rotation of its secrets.</summary>
public sealed class UpstreamTlsContext : IUpstreamTransportSocket
{
    private readonly TlsSecrets<TlsMaterial> _secrets;
    private readonly SslProtocols _versions;
    private readonly CipherSuitesPolicy? _ciphers;
    private readonly List<SslApplicationProtocol>? _protocols;
    private readonly string _serverName;
    private readonly StatsStore _statsStore;
    private TlsStats? _stats;

    /// <summary>Compiles a context.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public UpstreamTlsContext(Proto configuration, ISecretProvider secrets, StatsStore stats, ILoggerFactory loggers)
    {
        _statsStore = stats;
        var common = configuration.CommonTlsContext ?? new Envoy.Extensions.TransportSockets.Tls.V3.CommonTlsContext();
        if (configuration.AllowRenegotiation)
        {
            throw new ConfigurationException("allow_renegotiation", "renegotiation is not supported");
        }

        if (common.TlsCertificates.Count + common.TlsCertificateSdsSecretConfigs.Count > 1)
        {
            throw new ConfigurationException("common_tls_context", "Multiple TLS certificates are not supported for client contexts");
        }

        _serverName = configuration.Sni;
        _versions = TlsParameterCompiler.Versions(common.TlsParams, server: false);
        _ciphers = TlsParameterCompiler.Ciphers(common.TlsParams);
        _protocols = TlsParameterCompiler.ApplicationProtocols(common.AlpnProtocols);
        try
        {
            _secrets = new TlsSecrets<TlsMaterial>(common, secrets, loggers.CreateLogger("Lateen.Proxy.Tls"), material => material);
        }
        catch (ConfigurationException e)
        {
            throw e.Within("common_tls_context");
        }
    }

    /// <summary>Complete when the secrets arrived, or their fetches timed out.</summary>
    public IEnumerable<Task> Warming => _secrets.Warming;

    /// <inheritdoc/>
    public ValueTask<Transport> SecureAsync(Transport connected, Clusters.Host host, UpstreamTlsOverride tls, TimeSpan timeout)
    {
        // A context belongs to one cluster, which it does not know when it is built.
        _stats ??= new TlsStats(_statsStore, host.Cluster.Stats.Prefix);
        var options = new UpstreamTlsOptions
        {
            ServerName = tls.ServerName,
            ApplicationProtocols = tls.ApplicationProtocols,
            VerifiedHost = host.Cluster.Model.Http.AutoSanValidation ? tls.ServerName ?? _serverName : null,
            Stats = _stats,
        };
        return ConnectAsync(connected, options, timeout);
    }

    /// <summary>Makes the handshake. The transport is closed when it fails.</summary>
    /// <param name="transport">The connection to the server.</param>
    /// <param name="options">What this connection asks for.</param>
    /// <param name="timeout">How long it may take (what is left of the connect timeout).</param>
    /// <exception cref="TransportException">The handshake failed; the message is the transport failure reason.</exception>
    public ValueTask<Transport> ConnectAsync(Transport transport, UpstreamTlsOptions options, TimeSpan timeout)
    {
        if (_secrets.Current is not { } material)
        {
            transport.Close();
            throw new TransportException("TLS_error:|Secret is not supplied by SDS:TLS_error_end");
        }

        var certificate = material.Certificates.Count > 0 ? material.Certificates[0] : null;
        var stream = new VerifyingSslStream(transport, material.Verifier, required: true, options.VerifiedHost);
        var wishes = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName ?? _serverName,
            ApplicationProtocols = options.ApplicationProtocols is { } names ? TlsParameterCompiler.ApplicationProtocols(names) : _protocols,
            ClientCertificateContext = certificate?.Context,
            CertificateChainPolicy = material.Verifier?.Policy,
            RemoteCertificateValidationCallback = VerifyingSslStream.Callback,
            EnabledSslProtocols = _versions,
            CipherSuitesPolicy = _ciphers,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
        return TlsTransport.HandshakeAsync(transport, stream, ssl => ssl.AuthenticateAsClientAsync(wishes), timeout, options.Stats, certificate);
    }
}
