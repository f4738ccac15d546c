using System.Net.Security;
using System.Security.Authentication;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Loops;
using Proto = Envoy.Extensions.TransportSockets.Tls.V3.DownstreamTlsContext;

namespace Lateen.Proxy.Tls;

/// <summary>How a filter chain terminates TLS; compiled once, follows the rotation of its secrets.</summary>
public sealed class DownstreamTlsContext
{
    private readonly TlsSecrets<Acceptor> _secrets;
    private readonly TlsStats _stats;
    private readonly SslProtocols _versions;
    private readonly CipherSuitesPolicy? _ciphers;
    private readonly List<SslApplicationProtocol>? _protocols;
    private readonly bool _required;
    private readonly bool _requireServerName;

    /// <summary>Compiles a context; <paramref name="statPrefix"/> is the listener's, with its dot.</summary>
    /// <exception cref="ConfigurationException">A field that cannot be honoured.</exception>
    public DownstreamTlsContext(Proto configuration, ProxyServices services, string statPrefix)
    {
        var common = configuration.CommonTlsContext ?? throw new ConfigurationException("common_tls_context", "expected a value");
        if (common.TlsCertificates.Count == 0 && common.TlsCertificateSdsSecretConfigs.Count == 0)
        {
            throw new ConfigurationException("common_tls_context", "No TLS certificates found for server context");
        }

        _stats = new TlsStats(services.Stats, statPrefix);
        _required = configuration.RequireClientCertificate ?? false;
        _requireServerName = configuration.RequireSni ?? false;
        _versions = TlsParameterCompiler.Versions(common.TlsParams, server: true);
        _ciphers = TlsParameterCompiler.Ciphers(common.TlsParams);
        _protocols = TlsParameterCompiler.ApplicationProtocols(common.AlpnProtocols);
        try
        {
            _secrets = new TlsSecrets<Acceptor>(
                common, services.Secrets, services.LoggerFactory.CreateLogger("Lateen.Proxy.Tls"), material => new Acceptor(this, material));
        }
        catch (ConfigurationException e)
        {
            throw e.Within("common_tls_context");
        }
    }

    /// <summary>Complete when the secrets arrived, or their fetches timed out.</summary>
    public IEnumerable<Task> Warming => _secrets.Warming;

    /// <summary>False while a secret is missing: connections are closed at accept (Envoy: downstream_context_secrets_not_ready).</summary>
    public bool IsReady => _secrets.Current is not null;

    /// <summary>Makes the handshake. The transport is closed when it fails.</summary>
    /// <param name="transport">The client's connection.</param>
    /// <param name="offered">The client's application protocols if an inspector read them; null when it did not.</param>
    /// <param name="timeout">How long it may take; null for ever (Envoy: transport_socket_connect_timeout).</param>
    /// <exception cref="TransportException">The handshake failed; the message tells why.</exception>
    public ValueTask<Transport> AcceptAsync(Transport transport, IReadOnlyList<string>? offered, TimeSpan? timeout)
    {
        if (_secrets.Current is not { } acceptor)
        {
            transport.Close();
            throw new TransportException("TLS_error:|Secret is not supplied by SDS:TLS_error_end");
        }

        var stream = new VerifyingSslStream(transport, acceptor.Material.Verifier, _required, hostName: null);
        var certificate = acceptor.Material.Certificates[acceptor.Choose(transport.Info.ServerName)];
        var options = acceptor.Options(certificate, Speaks(offered));
        return TlsTransport.HandshakeAsync(transport, stream, ssl => AuthenticateAsync(ssl, acceptor, options), timeout, _stats, certificate);
    }

    // OpenSSL's binding refuses a client none of whose protocols we have; Envoy goes on without one.
    private bool Speaks(IReadOnlyList<string>? offered) =>
        offered is null || offered.Count == 0 || (_protocols?.Exists(p => offered.Contains(p.ToString())) ?? false);

    private Task AuthenticateAsync(SslStream stream, Acceptor acceptor, SslServerAuthenticationOptions options) =>
        acceptor.Material.Certificates.Count == 1 && !_requireServerName
            ? stream.AuthenticateAsServerAsync(options)
            : stream.AuthenticateAsServerAsync(
                (_, hello, _, _) => !_requireServerName || hello.ServerName.Length > 0
                    ? new(acceptor.Options(acceptor.Material.Certificates[acceptor.Choose(hello.ServerName)], options.ApplicationProtocols is not null))
                    : throw new AuthenticationException("require_sni: the client named no server"),
                state: null);

    private sealed class Acceptor
    {
        private readonly Dictionary<(LoadedCertificate, bool), SslServerAuthenticationOptions> _options = [];

        public Acceptor(DownstreamTlsContext context, TlsMaterial material)
        {
            Material = material;
            foreach (var certificate in material.Certificates)
            {
                _options[(certificate, true)] = MakeOptions(context, certificate, context._protocols);
                _options[(certificate, false)] = MakeOptions(context, certificate, protocols: null);
            }
        }

        public TlsMaterial Material { get; }

        public SslServerAuthenticationOptions Options(LoadedCertificate certificate, bool protocols) => _options[(certificate, protocols)];

        // Exact before wildcard, else the first (Envoy: full_scan_certs_on_sni_mismatch is off).
        public int Choose(string? serverName)
        {
            for (var i = 0; serverName is not null && i < Material.Certificates.Count; i++)
            {
                if (Material.Certificates[i].Names.Dns.Contains(serverName, StringComparer.OrdinalIgnoreCase))
                {
                    return i;
                }
            }

            for (var i = 0; serverName is not null && i < Material.Certificates.Count; i++)
            {
                if (Material.Certificates[i].IsFor(serverName))
                {
                    return i;
                }
            }

            return 0;
        }

        private SslServerAuthenticationOptions MakeOptions(
            DownstreamTlsContext context, LoadedCertificate certificate, List<SslApplicationProtocol>? protocols)
        {
            return new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Context,
                ApplicationProtocols = protocols,
                ClientCertificateRequired = context._required || Material.Verifier is not null,
                CertificateChainPolicy = Material.Verifier?.Policy,
                RemoteCertificateValidationCallback = VerifyingSslStream.Callback,
                EnabledSslProtocols = context._versions,
                CipherSuitesPolicy = context._ciphers,
                AllowRenegotiation = false,

                // A resumed session brings the client's certificate without its intermediates, so it could not be verified again.
                AllowTlsResume = Material.Verifier is null && !context._required,
            };
        }
    }
}
